// SPDX-License-Identifier: GPL-2.0-only
import { releaseMsix } from '../../passthrough/prepare-msix.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { x86Operation } from './x86-operation.ts';

export const physdevReleaseMsix = x86Operation({
  name: 'physdev.release_msix',
  summary: 'ends what physdev.prepare_msix began',
  source: 'PHYSDEVOP_release_msix (33.31); xen/arch/x86/msi.c: pci_prepare_msix',
  fields: { ...ACTOR, sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    const denied = denyUnprivileged(world);
    return { ret: denied === 0 ? releaseMsix(world, sbdf) : denied };
  },
});
