// SPDX-License-Identifier: GPL-2.0-only
import { type Gfn, MAX_FRAME, type Mfn } from '../../num/frames.ts';
import { field } from '../../trace/field.ts';
import { domainNamed } from '../../xen/domains.ts';
import { P2M_TYPES } from '../../xen/p2m.ts';
import { operation } from '../operation.ts';

export const p2mSet = operation({
  name: 'p2m.set',
  summary: 'puts something else into a p2m: RAM, foreign or grant mappings, MMIO',
  source: 'xen/arch/x86/mm/p2m.c: p2m_set_entry',
  fields: {
    dom: field.domain,
    gfn: field.frame,
    nr: field.frame,
    mfn: field.frame,
    type: field.oneOf(...P2M_TYPES),
  },
  run: (world, { dom, gfn, nr, mfn, type }) => {
    const count = Math.min(nr, MAX_FRAME - Math.max(gfn, mfn) + 1);
    if (count > 0) domainNamed(world, dom).p2m.set(gfn as Gfn, count, mfn as Mfn, type);
    return undefined;
  },
});
