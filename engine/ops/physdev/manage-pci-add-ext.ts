// SPDX-License-Identifier: GPL-2.0-only
import { makeSbdf } from '../../num/sbdf.ts';
import { addDevice } from '../../passthrough/add.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged, refuseArgument, requireSegment0 } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { x86Operation } from './x86-operation.ts';

export const physdevManagePciAddExt = x86Operation({
  name: 'physdev.manage_pci_add_ext',
  summary: 'an older way to tell Xen of a device: segment 0, extended or virtual function as 0 or 1',
  source: 'PHYSDEVOP_manage_pci_add_ext (33.20); xen/arch/x86/physdev.c: do_physdev_op',
  fields: {
    ...ACTOR,
    sbdf: field.sbdf,
    isExtfn: field.optional(field.u32),
    isVirtfn: field.optional(field.u32),
    physfn: field.optional(field.sbdf),
  },
  run: (world, { sbdf, isExtfn = 0, isVirtfn = 0, physfn }) => {
    requireSegment0(sbdf);
    if (isExtfn > 1 || isVirtfn > 1) return { ret: refuseArgument(world) };
    const denied = denyUnprivileged(world);
    if (denied !== 0) return { ret: denied };
    if (physfn !== undefined) requireSegment0(physfn);
    const info = { virtfn: isVirtfn === 1, extfn: isExtfn === 1, physfn: physfn ?? makeSbdf(0, 0, 0) };
    return { ret: addDevice(world, sbdf, info) };
  },
});
