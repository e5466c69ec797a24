// SPDX-License-Identifier: GPL-2.0-only
import { HEADER_TYPE, MULTIFUNCTION, VENDOR_ID } from '../machine/header-registers.ts';
import { has } from '../num/bits.ts';
import { busOf, devfnOf, makeSbdf, type Sbdf, segmentOf } from '../num/sbdf.ts';
import { assignVpci } from '../vpci/assign.ts';
import { registerEcamRegion } from '../xen/ecam.ts';
import { listDevice } from '../xen/look-up.ts';
import type { PciDev, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { knownDevice, phantomFunctions } from './discover.ts';
import { iommuSetUp } from './iommu.ts';

/** Vendor and device ids that some boards return for an empty slot (pci_device_detect). */
const EMPTY_SLOT: ReadonlySet<number> = new Set([0xffffffff, 0, 0x0000ffff, 0xffff0000]);

const isDetected = (world: World, sbdf: Sbdf): boolean => !EMPTY_SLOT.has(world.hw.read(sbdf, VENDOR_ID, 4));

/** SBDFs of a described device's slot, ascending; slots without any are not looked at, since nothing answers there. */
const slotsToScan = (world: World): readonly Sbdf[] => {
  const slots = new Set<Sbdf>();
  for (const sbdf of world.hw.described())
    slots.add(makeSbdf(segmentOf(sbdf), busOf(sbdf), devfnOf(sbdf) - (devfnOf(sbdf) % 8)));
  return [...slots].sort((a, b) => a - b);
};

/**
 * Looks for devices on all buses of the known segments (scan_pci_devices): without function 0 a slot is empty, and a
 * function 0 that is not multifunction hides the others.
 */
export const scanBuses = (world: World): void => {
  for (const slot of slotsToScan(world)) {
    if (!world.segments.has(segmentOf(slot))) continue;
    for (let fn = 0; fn < 8; fn++) {
      const sbdf = makeSbdf(segmentOf(slot), busOf(slot), devfnOf(slot) + fn);
      if (!isDetected(world, sbdf)) {
        if (fn === 0) break;
        continue;
      }
      knownDevice(world, sbdf);
      if (fn === 0 && !has(world.hw.read(sbdf, HEADER_TYPE, 1), MULTIFUNCTION)) break;
    }
  }
  world.hasScanned = true;
};

/** Keeps a device for Xen (pci_hide_device); one that has an owner stays with it. */
export const hideDevice = (world: World, sbdf: Sbdf): void => {
  const dev = knownDevice(world, sbdf);
  if (dev.domain !== undefined) return;
  dev.domain = world.domXen;
  listDevice(world.domXen, dev);
  applyRule(world, 'boot.hidden', { sbdf });
};

/** Keeps a device for Xen and makes its config space read-only for everybody else (pci_ro_device). */
export const makeReadOnly = (world: World, sbdf: Sbdf): void => {
  knownDevice(world, sbdf);
  world.readOnly.add(sbdf);
  hideDevice(world, sbdf);
};

/** setup_one_hwdom_device: the IOMMU for each function number, then vPCI; failures are logged only. */
const setUpDevice = (world: World, dev: PciDev): void => {
  if (iommuSetUp(world, dev) !== 0) {
    applyRule(world, 'boot.no-vpci-without-iommu', { sbdf: dev.sbdf });
    return;
  }
  for (let count = phantomFunctions(dev).length; count > 0; count--) iommuSetUp(world, dev);
  if (assignVpci(world, dev) !== 0 && world.behaviours.failedBootSetUp === 'made-read-only') {
    applyRule(world, 'vpci.made-read-only', { sbdf: dev.sbdf });
    world.readOnly.add(dev.sbdf);
  }
};

/** The devices in the order in which hwdom's set-up comes to them: segment by segment, whatever comes first in each. */
const bootOrder = (world: World): readonly PciDev[] => {
  const byAddress = [...world.devices.values()].sort((a, b) => a.sbdf - b.sbdf);
  if (world.behaviours.bootOrder === 'by-address') return byAddress;
  const rank = ({ sbdf, domain }: PciDev): number => segmentOf(sbdf) * 2 + (domain === world.domXen ? 0 : 1);
  return byAddress.sort((a, b) => rank(a) - rank(b));
};

/**
 * Gives hwdom all devices that nobody owns, and sets up hidden ones as if they were hwdom's
 * (setup_hwdom_pci_devices); from then on the system is active.
 */
export const setUpHwdom = (world: World): void => {
  if (!world.hasScanned) scanBuses(world);
  for (const { segment, base, firstBus, lastBus } of world.hw.machine.ecam)
    registerEcamRegion(world.hwdom, segment, base, firstBus, lastBus);
  for (const dev of bootOrder(world)) {
    if (dev.domain === undefined) {
      dev.domain = world.hwdom;
      listDevice(world.hwdom, dev);
      setUpDevice(world, dev);
    } else if (dev.domain === world.domXen) {
      dev.domain = world.hwdom;
      setUpDevice(world, dev);
      dev.domain = world.domXen;
    }
  }
  world.isActive = true;
};
