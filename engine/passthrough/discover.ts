// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';
import { COMMAND, DEVICE_ID, HEADER_TYPE, STATUS, VENDOR_ID } from '../machine/header-registers.ts';
import { and, extract, has, shiftLeft, shiftRight, without } from '../num/bits.ts';
import { devfnOf, functionOf, type Sbdf, segmentOf, slotOf, slotOfDevfn, withDevfn } from '../num/sbdf.ts';
import { forgetBars } from '../vpci/bar.ts';
import { EXTENDED_SPACE, findCapability } from '../xen/capability.ts';
import { unlinkVf } from '../xen/look-up.ts';
import { discoverMsi } from '../xen/msi.ts';
import type { DevType, PciDev, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';

const CLASS_DEVICE = 0x0a;
const HEADER_BRIDGE = 0x01;
const SECONDARY_STATUS = 0x1e;
const BRIDGE_CONTROL = 0x3e;
/** Status bits that Xen clears: parity, aborts, system error (check_pdev). */
const STATUS_ERRORS = 0xf900;

const CLASS_BRIDGE_HOST = 0x0600;
const CLASS_BRIDGE_PCI = 0x0604;

/** PCI Express capability (PCIe 6.0, 7.5.3): flags with the port type, device capabilities with phantom functions. */
const PCIE_FLAGS = 2;
const PCIE_TYPE = 0x00f0;
const PCIE_TYPE_PCI_BRIDGE = 7;
const PCIE_TYPE_PCIE_BRIDGE = 8;
const PCIE_DEVICE_CAPABILITIES = 4;
const PHANTOM_FUNCTIONS = 0x0018;

/** PCI-X status register: 266 and 533 MHz devices have extended config space. */
const PCIX_STATUS = 4;
const PCIX_266_OR_533 = 0xc0000000;

/** What kind of device it is (pdev_type). */
const typeOf = (world: World, sbdf: Sbdf): DevType => {
  const express = findCapability(world, sbdf, CAPABILITY.pciExpress);
  switch (world.hw.read(sbdf, CLASS_DEVICE, 2)) {
    case CLASS_BRIDGE_PCI: {
      if (express === 0) return 'legacy-pci-bridge';
      const type = extract(world.hw.read(sbdf, express + PCIE_FLAGS, 2), PCIE_TYPE);
      if (type === PCIE_TYPE_PCI_BRIDGE) return 'pcie-to-pci-bridge';
      return type === PCIE_TYPE_PCIE_BRIDGE ? 'pci-to-pcie-bridge' : 'pcie-bridge';
    }
    case CLASS_BRIDGE_HOST:
      return 'host-bridge';
    case 0xffff:
      return 'unknown';
    default:
      return express === 0 ? 'pci' : 'pcie-endpoint';
  }
};

const SECONDARY_BUS = 0x19;
const SUBORDINATE_BUS = 0x1a;

const BRIDGES_WITH_BUS_RANGE: ReadonlySet<DevType> = new Set([
  'pcie-to-pci-bridge',
  'pci-to-pcie-bridge',
  'legacy-pci-bridge',
]);

/**
 * Xen notes which bridge leads to which buses (alloc_pdev, free_pdev). No answer depends on it, so it is left at that that
 * older releases do not ask bridges from PCI to PCIe.
 */
const readBusRange = (world: World, { sbdf, type }: PciDev): void => {
  if (!BRIDGES_WITH_BUS_RANGE.has(type)) return;
  world.hw.read(sbdf, SECONDARY_BUS, 1);
  world.hw.read(sbdf, SUBORDINATE_BUS, 1);
};

/** Stride that `pci-phantom=` asks for, doubled while a real function is in its way (alloc_pdev). */
const configuredStride = (world: World, sbdf: Sbdf): number => {
  const fn = functionOf(sbdf);
  const phantom = world.phantoms.find(
    (entry) =>
      segmentOf(entry.sbdf) === segmentOf(sbdf) && without(entry.sbdf, 7) === without(sbdf, 7) && entry.stride > fn,
  );
  if (phantom === undefined) return 0;
  let { stride } = phantom;
  for (let other = and(fn + stride, 7); other > fn; other = and(other + stride, 7)) {
    const at = withDevfn(sbdf, slotOf(sbdf) * 8 + other);
    if (world.hw.read(at, VENDOR_ID, 2) === 0xffff && world.hw.read(at, DEVICE_ID, 2) === 0xffff) continue;
    stride = shiftLeft(stride, 1);
    applyRule(world, 'phantom.stride-doubled', { sbdf });
    other = fn;
  }
  return and(stride, 7) === 0 ? 0 : stride;
};

const phantomStrideOf = (world: World, sbdf: Sbdf): number => {
  const express = findCapability(world, sbdf, CAPABILITY.pciExpress);
  const capabilities = world.hw.read(sbdf, express + PCIE_DEVICE_CAPABILITIES, 2);
  if (!has(capabilities, PHANTOM_FUNCTIONS)) return configuredStride(world, sbdf);
  const stride = shiftRight(8, extract(capabilities, PHANTOM_FUNCTIONS));
  return functionOf(sbdf) >= stride ? 0 : stride;
};

/** Devices whose errata make BARs read as non-zero that are none (apply_quirks). */
const IGNORED_BARS: ReadonlySet<number> = new Set([0x2fc08086, 0x6f608086, 0x6fa08086, 0x6fc08086]);

const ignoresBars = (world: World, sbdf: Sbdf): boolean =>
  IGNORED_BARS.has(world.hw.read(sbdf, VENDOR_ID, 2) + world.hw.read(sbdf, DEVICE_ID, 2) * 0x10000);

const TYPES_WITH_EXTENDED_SPACE: ReadonlySet<DevType> = new Set([
  'pcie-endpoint',
  'pcie-bridge',
  'host-bridge',
  'pcie-to-pci-bridge',
  'pci-to-pcie-bridge',
]);

const mayHaveExtendedSpace = (world: World, dev: PciDev): boolean => {
  if (TYPES_WITH_EXTENDED_SPACE.has(dev.type)) return true;
  if (dev.type !== 'legacy-pci-bridge' && dev.type !== 'pci') return false;
  const pcix = findCapability(world, dev.sbdf, CAPABILITY.pciX);
  return pcix !== 0 && has(world.hw.read(dev.sbdf, pcix + PCIX_STATUS, 4), PCIX_266_OR_533);
};

/** Whether all of extended space mirrors the vendor and device id of the first 256 bytes. */
const isAliased = (world: World, sbdf: Sbdf): boolean => {
  const signature = world.hw.read(sbdf, VENDOR_ID, 4);
  for (let at = EXTENDED_SPACE; at < 0x1000; at += EXTENDED_SPACE)
    if (world.hw.read(sbdf, at, 4) !== signature) return false;
  return true;
};

/** Finds out whether a device's extended config space can be reached (pci_check_extcfg). */
export const checkExtendedConfig = (world: World, dev: PciDev): void => {
  dev.extendedConfig = false;
  if (!mayHaveExtendedSpace(world, dev)) return;
  if (world.hw.read(dev.sbdf, EXTENDED_SPACE, 4) === 0xffffffff) return;
  if (world.pciQuirks && isAliased(world, dev.sbdf)) {
    applyRule(world, 'extended-space.aliased', { sbdf: dev.sbdf });
    return;
  }
  dev.extendedConfig = true;
};

/** Clears what `pci=` asks for in command and bridge control, and error bits (check_pdev). */
export const checkDevice = (world: World, dev: PciDev): void => {
  const { hw, commandMask, bridgeControlMask } = world;
  const clearBits = (reg: number, mask: number): void => {
    const value = hw.read(dev.sbdf, reg, 2);
    if (has(value, mask)) hw.write(dev.sbdf, reg, 2, without(value, mask));
  };
  const clearErrors = (reg: number): void => {
    const value = hw.read(dev.sbdf, reg, 2);
    if (has(value, STATUS_ERRORS)) hw.write(dev.sbdf, reg, 2, and(value, STATUS_ERRORS));
  };
  if (commandMask !== 0) {
    clearBits(COMMAND, commandMask);
    clearErrors(STATUS);
  }
  if (and(hw.read(dev.sbdf, HEADER_TYPE, 1), 0x7f) === HEADER_BRIDGE && bridgeControlMask !== 0) {
    clearBits(BRIDGE_CONTROL, bridgeControlMask);
    clearErrors(SECONDARY_STATUS);
  }
};

const newDevice = (sbdf: Sbdf): PciDev => {
  const dev: Omit<PciDev, 'vfNext' | 'vfPrevious'> = {
    sbdf,
    domain: undefined,
    listedOn: undefined,
    type: 'unknown',
    phantomStride: 0,
    ignoreBars: false,
    extendedConfig: false,
    virtfn: false,
    extfn: false,
    pf: undefined,
    pfIsStray: false,
    physfn: undefined,
    lostPf: undefined,
    vfBarSizes: [0n, 0n, 0n, 0n, 0n, 0n],
    msiPosition: 0,
    msiMaxVectors: 0,
    msixPosition: 0,
    msixEntries: 0,
    msixUsedEntries: 0,
    msixHostMasked: false,
    msixGuestMasked: false,
    broken: false,
    goesWithLastVf: false,
    quarantine: false,
    vpci: undefined,
    freed: false,
  };
  // The VF list is circular: an empty one links to itself.
  const linked = dev as PciDev;
  linked.vfNext = linked;
  linked.vfPrevious = linked;
  return linked;
};

/** The device Xen knows at an SBDF; one it does not know is discovered, whether hardware has it or not (alloc_pdev). */
export const knownDevice = (world: World, sbdf: Sbdf): PciDev => {
  const known = world.devices.get(sbdf);
  if (known !== undefined) return known;
  world.segments.add(segmentOf(sbdf));
  const dev = newDevice(sbdf);
  discoverMsi(world, dev);
  world.devices.set(sbdf, dev);
  dev.type = typeOf(world, sbdf);
  readBusRange(world, dev);
  if (dev.type === 'pcie-endpoint') dev.phantomStride = phantomStrideOf(world, sbdf);
  dev.ignoreBars = ignoresBars(world, sbdf);
  if (world.behaviours.extendedConfigSpace === 'tracked') checkExtendedConfig(world, dev);
  checkDevice(world, dev);
  return dev;
};

/** Forgets a device (free_pdev). Whatever still refers to it reads freed memory from now on. */
export const forgetDevice = (world: World, dev: PciDev): void => {
  readBusRange(world, dev);
  world.devices.delete(dev.sbdf);
  const { vfLink } = world.behaviours;
  if (dev.virtfn && (vfLink === 'on-first-add' || (vfLink === 'on-each-add' && dev.pf !== undefined)))
    unlinkVf(world, dev);
  dev.freed = true;
  if (dev.listedOn !== undefined) dev.listedOn.listHasFreed = true;
  forgetBars(world, dev);
};

/** Function numbers that a device uses for DMA besides its own, in the order Xen walks them. */
export const phantomFunctions = (dev: PciDev): readonly number[] => {
  const functions: number[] = [];
  if (dev.phantomStride === 0) return functions;
  const slot = slotOf(dev.sbdf);
  for (let devfn = devfnOf(dev.sbdf) + dev.phantomStride; slotOfDevfn(devfn) === slot; devfn += dev.phantomStride)
    functions.push(devfn);
  return functions;
};
