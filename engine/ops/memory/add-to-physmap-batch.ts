// SPDX-License-Identifier: GPL-2.0-only
import { formatErrno } from '../../num/errno.ts';
import type { Gfn } from '../../num/frames.ts';
import { field } from '../../trace/field.ts';
import { hypercallTarget, refuseMissing } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { grantsOf } from '../grants/of.ts';
import { operation } from '../operation.ts';
import { addPage } from './add-page.ts';
import { physmapRights } from './rights.ts';

/** Answers `ret`, 0 even if pages failed, and `errs`: how often each result came. */
export const memoryAddToPhysmapBatch = operation({
  name: 'memory.add_to_physmap_batch',
  summary: 'add_to_physmap for nr pages, from idx and gpfn on',
  source: 'XENMEM_add_to_physmap_batch (12.23); xen/common/memory.c: xenmem_add_to_physmap_batch',
  fields: {
    ...ACTOR,
    domid: field.domain,
    space: field.oneOf('gmfn', 'dev_mmio', 'grant_table'),
    idx: field.frame,
    gpfn: field.frame,
    nr: field.u16,
  },
  run: (world, { domid, space, idx, gpfn, nr }) => {
    const domain = hypercallTarget(world, domid);
    if (domain === undefined) return { ret: refuseMissing(world, domid) };
    if (space === 'grant_table') grantsOf(world);
    const refused = physmapRights(world, domain, space);
    if (refused !== 0) return { ret: refused };
    const errs: Record<string, number> = {};
    for (let page = 0; page < nr; page++) {
      const request = { space, idx: idx + page, gpfn: (gpfn + page) as Gfn };
      const result = formatErrno(addPage(world, domain, request));
      errs[result] = (errs[result] ?? 0) + 1;
    }
    return { ret: 0, errs };
  },
});
