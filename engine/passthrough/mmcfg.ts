// SPDX-License-Identifier: GPL-2.0-only
import { has } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import { busOf, segmentOf } from '../num/sbdf.ts';
import { reinitExtendedCapabilities } from '../vpci/capabilities.ts';
import { refuseArgument } from '../xen/domains.ts';
import { registerEcamRegion } from '../xen/ecam.ts';
import type { World } from '../xen/state.ts';
import { refuse } from '../xen/trail.ts';
import { checkExtendedConfig } from './discover.ts';

/** XEN_PCI_MMCFG_RESERVED */
const RESERVED = 1;

export interface MmcfgRange {
  /** Byte address of bus 0; undefined: only the part that looks at the devices behind the window anew. */
  readonly address: bigint | undefined;
  readonly segment: number;
  readonly startBus: number;
  readonly endBus: number;
  readonly flags: number;
}

/** pci_mmcfg_reserved: the window must be one that ACPI told Xen of, where the machine file lists them. */
const checkWindow = (world: World, range: MmcfgRange): number => {
  if (range.flags > RESERVED) return refuseArgument(world);
  const { ecam } = world.hw.machine;
  if (ecam.length === 0 || range.address === undefined) return 0;
  const window = ecam.find(
    ({ segment, firstBus, lastBus }) =>
      segment === range.segment && firstBus === range.startBus && lastBus === range.endBus,
  );
  if (window === undefined) return refuse(world, 'mmcfg.unknown-window', -ERRNO.ENODEV);
  return BigInt(window.base) === range.address ? 0 : refuse(world, 'mmcfg.other-address', -ERRNO.EIO);
};

/**
 * hwdom tells whether an ECAM window is reserved in ACPI (PHYSDEVOP_pci_mmcfg_reserved): devices behind it are looked
 * at anew, the newest first, and the window is trapped for hwdom. Answers 0 or a negated errno.
 */
export const reserveMmcfg = (world: World, range: MmcfgRange): number => {
  const isTracked = world.behaviours.extendedConfigSpace === 'tracked';
  if (range.address === undefined && !isTracked) return refuse(world, 'hypercall.operation-unknown', -ERRNO.ENOSYS);
  const ret = checkWindow(world, range);
  if (ret !== 0) return ret;
  if (isTracked) {
    if (!world.segments.has(range.segment)) return refuse(world, 'hypercall.device-unknown', -ERRNO.ENODEV);
    for (const dev of [...world.devices.values()].reverse()) {
      const bus = busOf(dev.sbdf);
      if (segmentOf(dev.sbdf) !== range.segment || bus < range.startBus || bus > range.endBus) continue;
      checkExtendedConfig(world, dev);
      reinitExtendedCapabilities(world, dev);
    }
  }
  if (!has(range.flags, RESERVED) || range.address === undefined) return 0;
  const { segment, startBus, endBus } = range;
  if (startBus > endBus) return refuseArgument(world);
  const registered = registerEcamRegion(world.hwdom, segment, Number(range.address), startBus, endBus);
  return registered === -ERRNO.EEXIST ? refuse(world, 'mmcfg.overlaps-another', registered) : registered;
};
