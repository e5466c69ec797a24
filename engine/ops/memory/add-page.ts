// SPDX-License-Identifier: GPL-2.0-only
import { putTableFrame } from '../../guest/grants/table-frames.ts';
import type { Gfn } from '../../num/frames.ts';
import type { ModelWorld } from '../../state/model-world.ts';
import { addToPhysmap, type PhysmapSpace } from '../../xen/physmap.ts';
import type { Domain } from '../../xen/state.ts';
import { grantsOf, tableOf } from '../grants/of.ts';
import { guestsMapMmio } from './rights.ts';

export interface PageRequest {
  readonly space: PhysmapSpace;
  readonly idx: number;
  readonly gpfn: Gfn;
}

/** Puts one page into a p2m (xenmem_add_to_physmap_one). Faults the trace for a grant table that is not described. */
export const addPage = (world: ModelWorld, domain: Domain, { space, idx, gpfn }: PageRequest): number =>
  space === 'grant_table'
    ? putTableFrame(grantsOf(world), tableOf(world, domain), idx, gpfn)
    : addToPhysmap(world, domain, { space, idx, gpfn }, guestsMapMmio(world));
