// SPDX-License-Identifier: GPL-2.0-only
import { writeMmio } from '../../arm/mmio.ts';
import { ERRNO } from '../../num/errno.ts';
import { field } from '../../trace/field.ts';
import { armOperation } from './operation.ts';

/** Answers `access`; -ESRCH for a domain that was not created. */
export const mmioWrite = armOperation(
  {
    name: 'arm.mmio_write',
    summary: 'a store by a domain to an address outside its p2m',
    source: 'xen/arch/arm/io.c: try_handle_mmio',
    fields: { dom: field.domain, gpa: field.u64, size: field.oneOf('1', '2', '4', '8'), value: field.u64 },
  },
  (arm, { dom, gpa, size, value }) => {
    const domain = arm.domains.get(dom);
    return domain === undefined ? { ret: -ERRNO.ESRCH } : { access: writeMmio(arm, domain, gpa, Number(size), value) };
  },
);
