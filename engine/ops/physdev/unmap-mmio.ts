// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { unmapMmio } from '../draft/map-mmio.ts';
import { hasDraftBars, onlyInDraft } from '../draft/world.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const physdevUnmapMmio = operation({
  name: 'physdev.unmap_mmio',
  summary: 'proposal: takes away what map_mmio of the same region mapped, in bytes',
  source: 'PHYSDEVOP_unmap_mmio (33.41) of PCI passthrough on Arm, draft 1, section 4',
  fields: { ...ACTOR, addr: field.u64, size: field.u64 },
  run: (world, { addr, size }) =>
    onlyInDraft(world, { needs: hasDraftBars }, (draft) => unmapMmio(draft, world.current.domain, addr, size)),
});
