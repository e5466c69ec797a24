// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import type { Gfn } from '../num/frames.ts';
import { frameOf } from '../num/u64.ts';
import { P2m } from '../xen/p2m.ts';
import type { PciDev, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { msixTableAddress, msixTableBar, msixTableSizeBytes, PENDING_BITS, VECTOR_TABLE } from './msix-table.ts';

/**
 * Empties the frames of a device's MSI-X tables in its owner's p2m, so that accesses trap (vpci_make_msix_hole).
 * Only an identity map of MMIO may be there, else -EEXIST. For hwdom, Xen's own maps of shared pages go too.
 */
export const makeMsixHoles = (world: World, dev: PciDev): number => {
  const msix = dev.vpci?.msix;
  const domain = dev.domain;
  if (msix === undefined || domain === undefined) return 0;
  const isTranslated = domain !== world.domXen && domain !== world.domIo;
  for (const table of [VECTOR_TABLE, PENDING_BITS] as const) {
    if (world.behaviours.msixHole === 'after-enabling' && msixTableBar(msix, table)?.enabled !== true) {
      applyRule(world, 'msix.no-hole-for-disabled-bar', { sbdf: dev.sbdf });
      continue;
    }
    if (!isTranslated) {
      // DomXEN and DomIO have no p2m: each of their frames counts as RAM.
      applyRule(world, 'msix.hole-blocked', { sbdf: dev.sbdf });
      return -ERRNO.EEXIST;
    }
    const address = msixTableAddress(msix, table);
    const last = frameOf(address + BigInt(msixTableSizeBytes(msix, table) - 1));
    for (let frame = frameOf(address); frame <= last; frame++) {
      const at = frame as Gfn;
      const entry = domain.p2m.at(at);
      if (entry === undefined) continue;
      if (entry.type !== 'mmio_direct' || P2m.mfnOf(entry, at) !== frame) {
        applyRule(world, 'msix.hole-blocked', { sbdf: dev.sbdf, gfn: frame });
        return -ERRNO.EEXIST;
      }
      domain.p2m.clear(at, 1);
      applyRule(world, 'msix.hole-made', { sbdf: dev.sbdf, gfn: frame });
    }
  }
  if (domain.isHwdom) msix.mappedPages.fill(undefined);
  return 0;
};
