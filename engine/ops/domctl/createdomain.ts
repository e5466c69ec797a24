// SPDX-License-Identifier: GPL-2.0-only

import { createDomain as createGrantDomain } from '../../guest/grants/world.ts';
import { ERRNO } from '../../num/errno.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged, refuseArgument } from '../../xen/domains.ts';
import { refuse } from '../../xen/trail.ts';
import { addGuest } from '../../xen/world.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const domctlCreatedomain = operation({
  name: 'domctl.createdomain',
  summary: 'the toolstack makes a domain: HVM, with vPCI in builds that have it for guests',
  source: 'XEN_DOMCTL_createdomain (36.1); xen/common/domctl.c: do_domctl',
  fields: { ...ACTOR, dom: field.optional(field.domain), domid: field.domain },
  run: (world, { domid }) => {
    const denied = denyUnprivileged(world);
    if (denied !== 0) return { ret: denied };
    if (world.domains.has(domid))
      return { ret: refuse(world, 'hypercall.domain-exists', -ERRNO.EEXIST, { domain: domid }) };
    if (!domid.startsWith('d')) return { ret: refuseArgument(world) };
    addGuest(world, domid);
    if (world.grants !== undefined) createGrantDomain(world.grants, domid);
    return { ret: 0 };
  },
});
