// SPDX-License-Identifier: GPL-2.0-only
import { has } from '../../num/bits.ts';
import { makeSbdf, segmentOf } from '../../num/sbdf.ts';
import { addDevice } from '../../passthrough/add.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged } from '../../xen/domains.ts';
import { checkPciEnabled, expectBoundSegment } from '../arm/device-report.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

const EXTFN = 1;
const VIRTFN = 2;

export const physdevPciDeviceAdd = operation({
  name: 'physdev.pci_device_add',
  summary: 'tells Xen of a device; physfn names the PF of a VF (in the segment of the VF)',
  source: 'PHYSDEVOP_pci_device_add (33.25); xen/drivers/passthrough/pci.c: pci_add_device',
  fields: {
    ...ACTOR,
    sbdf: field.sbdf,
    flags: field.optional(field.flags({ extfn: EXTFN, virtfn: VIRTFN, pxm: 4 })),
    physfn: field.optional(field.sbdf),
    pxm: field.optional(field.u32),
  },
  run: (world, { sbdf, flags = 0, physfn }) => {
    const refused = checkPciEnabled(world, sbdf);
    if (refused !== 0) return { ret: refused };
    const denied = denyUnprivileged(world);
    if (denied !== 0) return { ret: denied };
    expectBoundSegment(world, sbdf);
    const virtfn = has(flags, VIRTFN);
    const info = {
      virtfn,
      extfn: has(flags, EXTFN),
      physfn: virtfn
        ? makeSbdf(segmentOf(sbdf), Math.floor((physfn ?? 0) / 256) % 256, (physfn ?? 0) % 256)
        : undefined,
    };
    return { ret: addDevice(world, sbdf, info) };
  },
});
