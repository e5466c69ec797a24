// SPDX-License-Identifier: GPL-2.0-only
import { reserveMmcfg } from '../../passthrough/mmcfg.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { x86Operation } from './x86-operation.ts';

export const physdevPciMmcfgReserved = x86Operation({
  name: 'physdev.pci_mmcfg_reserved',
  summary: "an ECAM window is in hwdom's list of reserved resources (flags 1) or not (0)",
  source: 'PHYSDEVOP_pci_mmcfg_reserved (33.24); xen/arch/x86/physdev.c: do_physdev_op',
  fields: {
    ...ACTOR,
    address: field.optional(field.u64),
    segment: field.u16,
    startBus: field.u8,
    endBus: field.u8,
    flags: field.u32,
  },
  run: (world, { address, segment, startBus, endBus, flags }) => {
    const denied = denyUnprivileged(world);
    if (denied !== 0) return { ret: denied };
    return { ret: reserveMmcfg(world, { address, segment, startBus, endBus, flags }) };
  },
});
