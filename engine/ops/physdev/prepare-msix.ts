// SPDX-License-Identifier: GPL-2.0-only
import { prepareMsix } from '../../passthrough/prepare-msix.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { x86Operation } from './x86-operation.ts';

export const physdevPrepareMsix = x86Operation({
  name: 'physdev.prepare_msix',
  summary: 'Xen is to look after the MSI-X table of a device that another domain will drive',
  source: 'PHYSDEVOP_prepare_msix (33.30); xen/arch/x86/msi.c: pci_prepare_msix',
  fields: { ...ACTOR, sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    const denied = denyUnprivileged(world);
    return { ret: denied === 0 ? prepareMsix(world, sbdf) : denied };
  },
});
