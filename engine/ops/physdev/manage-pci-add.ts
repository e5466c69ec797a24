// SPDX-License-Identifier: GPL-2.0-only
import { addDevice } from '../../passthrough/add.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged, requireSegment0 } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { x86Operation } from './x86-operation.ts';

export const physdevManagePciAdd = x86Operation({
  name: 'physdev.manage_pci_add',
  summary: 'the oldest way to tell Xen of a device: segment 0, nothing about it',
  source: 'PHYSDEVOP_manage_pci_add (33.15); xen/arch/x86/physdev.c: do_physdev_op',
  fields: { ...ACTOR, sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    requireSegment0(sbdf);
    const denied = denyUnprivileged(world);
    return { ret: denied === 0 ? addDevice(world, sbdf, undefined) : denied };
  },
});
