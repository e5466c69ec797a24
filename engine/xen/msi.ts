// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';
import { and, extract, has, shiftLeft, without } from '../num/bits.ts';
import { findCapability } from './capability.ts';
import type { PciDev, World } from './state.ts';
import { applyRule } from './trail.ts';

/** MSI capability (PCI Local Bus 3.0, 6.8.1): message control and where the other registers are. */
export const MSI_CONTROL = 2;
export const MSI_ENABLE = 0x0001;
export const MSI_MULTIPLE_CAPABLE = 0x000e;
export const MSI_MULTIPLE_ENABLE = 0x0070;
export const MSI_64BIT = 0x0080;
export const MSI_MASKABLE = 0x0100;

/** MSI-X capability (PCI Local Bus 3.0, 6.8.2). */
export const MSIX_CONTROL = 2;
const MSIX_TABLE_SIZE = 0x07ff;
export const MSIX_MASK_ALL = 0x4000;
export const MSIX_ENABLE = 0x8000;
export const MSIX_TABLE_OFFSET = 4;
export const MSIX_PBA_OFFSET = 8;

/** Offset of the MSI capability as the release finds it: anew each time, or at the device's discovery. */
export const msiPosition = (world: World, dev: PciDev): number =>
  world.behaviours.msiPosition === 'remembered' ? dev.msiPosition : findCapability(world, dev.sbdf, CAPABILITY.msi);

export const msixPosition = (world: World, dev: PciDev): number =>
  world.behaviours.msiPosition === 'remembered' ? dev.msixPosition : findCapability(world, dev.sbdf, CAPABILITY.msix);

/** Number of MSI-X vectors that message control tells. */
export const msixEntryCount = (control: number): number => and(control, MSIX_TABLE_SIZE) + 1;

/** What Xen takes down about MSI when it discovers a device (pdev_msi_init): MSI-X left on by firmware is turned off. */
export const discoverMsi = (world: World, dev: PciDev): void => {
  const { hw } = world;
  dev.msiPosition = findCapability(world, dev.sbdf, CAPABILITY.msi);
  if (dev.msiPosition !== 0) {
    const control = hw.read(dev.sbdf, dev.msiPosition + MSI_CONTROL, 2);
    dev.msiMaxVectors = and(shiftLeft(1, extract(control, MSI_MULTIPLE_CAPABLE)), 0xff);
  }
  dev.msixPosition = findCapability(world, dev.sbdf, CAPABILITY.msix);
  if (dev.msixPosition === 0) return;
  const reg = dev.msixPosition + MSIX_CONTROL;
  const control = hw.read(dev.sbdf, reg, 2);
  if (has(control, MSIX_MASK_ALL + MSIX_ENABLE)) {
    hw.write(dev.sbdf, reg, 2, without(control, MSIX_MASK_ALL + MSIX_ENABLE));
    applyRule(world, 'msix.turned-off-at-discovery', { sbdf: dev.sbdf });
  }
  dev.msixEntries = msixEntryCount(control);
};

/** Turns MSI and MSI-X off in hardware before a device is removed (pci_cleanup_msi). */
export const turnMsiOff = (world: World, dev: PciDev): void => {
  const clear = (position: number, bit: number): void => {
    if (position === 0) return;
    const reg = position + MSI_CONTROL;
    world.hw.write(dev.sbdf, reg, 2, without(world.hw.read(dev.sbdf, reg, 2), bit));
  };
  clear(msiPosition(world, dev), MSI_ENABLE);
  clear(msixPosition(world, dev), MSIX_ENABLE);
};
