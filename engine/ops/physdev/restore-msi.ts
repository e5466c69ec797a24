// SPDX-License-Identifier: GPL-2.0-only
import { restoreMsi } from '../../passthrough/prepare-msix.ts';
import { field } from '../../trace/field.ts';
import { requireSegment0 } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { x86Operation } from './x86-operation.ts';

export const physdevRestoreMsi = x86Operation({
  name: 'physdev.restore_msi',
  summary: 'after resume Xen writes the MSI state of a device back (segment 0); it keeps none for vPCI devices',
  source: 'PHYSDEVOP_restore_msi (33.19); xen/arch/x86/msi.c: pci_restore_msi_state',
  fields: { ...ACTOR, sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    requireSegment0(sbdf);
    return { ret: restoreMsi(world, sbdf) };
  },
});
