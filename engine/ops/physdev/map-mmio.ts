// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { mapMmio } from '../draft/map-mmio.ts';
import { hasDraftBars, onlyInDraft } from '../draft/world.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

/** Answers `ret` and, where Xen allocates the virtual BAR, `value`, its address. */
export const physdevMapMmio = operation({
  name: 'physdev.map_mmio',
  summary: 'proposal: a guest, or pciback for one, has a region of MMIO mapped, in bytes',
  source: 'PHYSDEVOP_map_mmio (33.40) of PCI passthrough on Arm, draft 1, section 4',
  fields: { ...ACTOR, addr: field.u64, size: field.u64 },
  run: (world, { addr, size }) =>
    onlyInDraft(world, { needs: hasDraftBars }, (draft) => mapMmio(draft, world.current.domain, addr, size)),
});
