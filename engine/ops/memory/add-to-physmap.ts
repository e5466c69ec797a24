// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import type { Gfn } from '../../num/frames.ts';
import { field } from '../../trace/field.ts';
import { hypercallTarget, refuseMissing } from '../../xen/domains.ts';
import { PHYSMAP_SPACES } from '../../xen/physmap.ts';
import { refuse } from '../../xen/trail.ts';
import { ACTOR } from '../fields.ts';
import { grantsOf } from '../grants/of.ts';
import { operation } from '../operation.ts';
import { addPage } from './add-page.ts';
import { physmapRights } from './rights.ts';

export const memoryAddToPhysmap = operation({
  name: 'memory.add_to_physmap',
  summary:
    'puts a page at gpfn: guest frame idx of the domain itself, machine frame idx of MMIO, frame idx of its grant table',
  source: 'XENMEM_add_to_physmap (12.7); xen/common/memory.c: xenmem_add_to_physmap',
  fields: {
    ...ACTOR,
    domid: field.domain,
    space: field.oneOf(...PHYSMAP_SPACES),
    idx: field.frame,
    gpfn: field.frame,
  },
  run: (world, { domid, space, idx, gpfn }) => {
    if (space === 'gmfn_foreign') return { ret: refuse(world, 'hypercall.space-unknown', -ERRNO.ENOSYS) };
    const domain = hypercallTarget(world, domid);
    if (domain === undefined) return { ret: refuseMissing(world, domid) };
    if (space === 'grant_table') grantsOf(world);
    const refused = physmapRights(world, domain, space);
    return { ret: refused === 0 ? addPage(world, domain, { space, idx, gpfn: gpfn as Gfn }) : refused };
  },
});
