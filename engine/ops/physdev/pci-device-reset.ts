// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import { resetDevice } from '../../passthrough/remove.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged, refuseArgument } from '../../xen/domains.ts';
import { refuse } from '../../xen/trail.ts';
import { checkPciEnabled } from '../arm/device-report.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

/** Kinds of reset: cold, warm, hot, function level. */
const LAST_KIND = 3;

export const physdevPciDeviceReset = operation({
  name: 'physdev.pci_device_reset',
  summary: 'tells Xen that a device was reset: cold 0, warm 1, hot 2, function level 3',
  source: 'PHYSDEVOP_pci_device_reset (33.32); xen/drivers/pci/physdev.c: pci_physdev_op',
  fields: { ...ACTOR, sbdf: field.sbdf, flags: field.optional(field.u32) },
  run: (world, { sbdf, flags = 0 }) => {
    if (world.behaviours.deviceReset === 'unknown')
      return { ret: refuse(world, 'hypercall.operation-unknown', -ERRNO.ENOSYS) };
    const refused = world.arm?.behaviours.deviceReset === 'gated' ? checkPciEnabled(world, sbdf) : 0;
    if (refused !== 0) return { ret: refused };
    if (flags > LAST_KIND) return { ret: refuseArgument(world) };
    const denied = denyUnprivileged(world);
    return { ret: denied === 0 ? resetDevice(world, sbdf) : denied };
  },
});
