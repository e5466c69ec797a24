// SPDX-License-Identifier: GPL-2.0-only
import { readMmio } from '../../arm/mmio.ts';
import { ERRNO } from '../../num/errno.ts';
import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { armOperation } from './operation.ts';

/** Answers `access` and, when the register was written, `value`; -ESRCH for a domain that was not created. */
export const mmioRead = armOperation(
  {
    name: 'arm.mmio_read',
    summary: 'a load by a domain from an address outside its p2m',
    source: 'xen/arch/arm/io.c: try_handle_mmio',
    fields: {
      dom: field.domain,
      gpa: field.u64,
      size: field.oneOf('1', '2', '4', '8'),
      sign: field.optional(field.oneOf('0', '1')),
      cache: field.optional(field.oneOf('0', '1')),
    },
  },
  (arm, { dom, gpa, size, sign, cache }) => {
    const domain = arm.domains.get(dom);
    if (domain === undefined) return { ret: -ERRNO.ESRCH };
    const { state, register } = readMmio(arm, domain, gpa, Number(size), {
      signExtend: sign === '1',
      cacheMaintenance: cache === '1',
    });
    return { access: state, ...(register === undefined ? {} : { value: hex(register) }) };
  },
);
