// SPDX-License-Identifier: GPL-2.0-only
import { removeDevice } from '../../passthrough/remove.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged } from '../../xen/domains.ts';
import { checkPciEnabled } from '../arm/device-report.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const physdevPciDeviceRemove = operation({
  name: 'physdev.pci_device_remove',
  summary: 'tells Xen that a device is gone',
  source: 'PHYSDEVOP_pci_device_remove (33.26); xen/drivers/passthrough/pci.c: pci_remove_device',
  fields: { ...ACTOR, sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    const refused = checkPciEnabled(world, sbdf);
    if (refused !== 0) return { ret: refused };
    const denied = denyUnprivileged(world);
    return { ret: denied === 0 ? removeDevice(world, sbdf) : denied };
  },
});
