// SPDX-License-Identifier: GPL-2.0-only
import { createDomain } from '../../arm/handlers.ts';
import { field } from '../../trace/field.ts';
import { armOperation } from './operation.ts';

/** Answers `numHandlers` and `maxHandlers`, the trapped ranges there are and room is for. */
export const createDomainOp = armOperation(
  {
    name: 'arm.create_domain',
    summary: 'a domain with its trap handlers for PCI config space; d0 is dom0, all others are guests',
    source: 'xen/arch/arm/vpci.c: domain_vpci_init',
    fields: {
      dom: field.domain,
      trap_unmapped: field.optional(field.oneOf('0', '1')),
      spare: field.optional(field.u16),
    },
  },
  (arm, { dom, trap_unmapped, spare }) => {
    const domain = createDomain(arm, dom, {
      trapUnmapped: trap_unmapped !== '0',
      ...(spare === undefined ? {} : { spare }),
    });
    return { ret: 0, numHandlers: domain.handlers.length, maxHandlers: domain.maxHandlers };
  },
);
