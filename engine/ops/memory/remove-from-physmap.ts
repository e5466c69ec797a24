// SPDX-License-Identifier: GPL-2.0-only
import type { Gfn } from '../../num/frames.ts';
import { field } from '../../trace/field.ts';
import { hypercallTarget, refuseMissing } from '../../xen/domains.ts';
import { removeFromPhysmap } from '../../xen/physmap.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';
import { physmapRights } from './rights.ts';

export const memoryRemoveFromPhysmap = operation({
  name: 'memory.remove_from_physmap',
  summary: 'takes a page of memory out of the p2m',
  source: 'XENMEM_remove_from_physmap (12.15); xen/common/memory.c: do_memory_op',
  fields: { ...ACTOR, domid: field.domain, gpfn: field.frame },
  run: (world, { domid, gpfn }) => {
    const domain = hypercallTarget(world, domid);
    if (domain === undefined) return { ret: refuseMissing(world, domid) };
    const refused = physmapRights(world, domain, undefined);
    return { ret: refused === 0 ? removeFromPhysmap(world, domain, gpfn as Gfn) : refused };
  },
});
