// SPDX-License-Identifier: GPL-2.0-only
import { removeDevice } from '../../passthrough/remove.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged, requireSegment0 } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { x86Operation } from './x86-operation.ts';

export const physdevManagePciRemove = x86Operation({
  name: 'physdev.manage_pci_remove',
  summary: 'the oldest way to tell Xen that a device is gone: segment 0',
  source: 'PHYSDEVOP_manage_pci_remove (33.16); xen/arch/x86/physdev.c: do_physdev_op',
  fields: { ...ACTOR, sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    requireSegment0(sbdf);
    const denied = denyUnprivileged(world);
    return { ret: denied === 0 ? removeDevice(world, sbdf) : denied };
  },
});
