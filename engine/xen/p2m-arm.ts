// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import type { Gfn, Mfn } from '../num/frames.ts';
import { P2m } from './p2m.ts';

/**
 * Arm's stage 2 tables do a region at once, without preemption or partial counts (xen/arch/arm/mmu/p2m.c). Running out
 * of memory is not modelled.
 */

/** Maps MMIO over whatever is there (map_mmio_regions, p2m_insert_mapping). */
export const mapMmioOnArm = (p2m: P2m, first: Gfn, count: number, mfn: Mfn): number => {
  p2m.set(first, count, mfn, 'mmio_direct');
  return 0;
};

/**
 * Unmaps (unmap_mmio_regions, p2m_remove_mapping): MMIO goes whatever its frame, absent frames are fine, memory with
 * another frame is -EILSEQ before anything changes.
 */
export const unmapMmioOnArm = (p2m: P2m, first: Gfn, count: number, mfn: Mfn): number => {
  const last = first + count - 1;
  for (const run of p2m.list()) {
    if (run.last < first || run.first > last || run.type === 'mmio_direct') continue;
    const at = Math.max(run.first, first) as Gfn;
    if (P2m.mfnOf(run, at) !== mfn + (at - first)) return -ERRNO.EILSEQ;
  }
  p2m.clear(first, count);
  return 0;
};
