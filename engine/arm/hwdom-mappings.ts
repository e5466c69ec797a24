// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import { PAGE_SIZE_BYTES } from '../num/frames.ts';
import { frameOf, wrapU64 } from '../num/u64.ts';
import { applyRule } from '../xen/trail.ts';
import type { HostBridgeNode, Region } from './description.ts';
import { hasPciType, rangesOf, regAt } from './device-tree.ts';
import { driverOf } from './drivers.ts';
import { mapEvent, permitEvent } from './events.ts';
import type { HostBridge } from './host-bridge.ts';
import type { ArmWorld } from './world.ts';

const MAX_ADDRESS = 2n ** 64n - 1n;
const LAST_BYTE = BigInt(PAGE_SIZE_BYTES - 1);

/**
 * Rights to a range for dom0 and, if asked, its 1:1 mapping: 0 or -ERANGE (xen/arch/arm/device.c,
 * map_range_to_domain).
 */
const mapRange = (world: ArmWorld, { address, size }: Region, mapped: boolean): number => {
  if (world.behaviours.rangeBeyondAddressSpace === 'refused' && MAX_ADDRESS - address < size) {
    applyRule(world, 'arm.range-beyond-address-space', { gfn: frameOf(address) });
    return -ERRNO.ERANGE;
  }
  const lastByte = wrapU64(address + size - 1n);
  const first = frameOf(address);
  const last = frameOf(world.behaviours.permittedEnd === 'exact' ? lastByte : lastByte + LAST_BYTE);
  world.permitted.push({ first, last });
  world.events.push(permitEvent(first, last));
  if (!mapped) return 0;
  // Whole pages of the size, wherever in a page the range starts: the last one may be left out.
  const frameCount = frameOf(size + LAST_BYTE);
  if (frameCount > 0) world.mapped.push({ first, last: first + frameCount - 1 });
  world.events.push(mapEvent(first, first, frameCount));
  return 0;
};

const isLeftUnmapped = (world: ArmWorld, node: HostBridgeNode): boolean => {
  if (node.passthrough) return true;
  const { hasVpci, pciPassthrough } = world.options;
  if (world.behaviours.hostBridgeUnmapped === 'never') return false;
  const asked = world.behaviours.hostBridgeUnmapped === 'with-vpci' ? hasVpci : pciPassthrough;
  return asked && driverOf(node, world.behaviours) !== undefined;
};

/** Does something with each entry of `reg`, up to the first failure. */
const forEachReg = (world: ArmWorld, node: HostBridgeNode, perform: (reg: Region) => number): number => {
  for (const index of node.regs.keys()) {
    const reg = regAt(world, node, index);
    const result = reg.ok ? perform(reg.value) : reg.error;
    if (result !== 0) return result;
  }
  return 0;
};

/** `reg` and, of a PCI bus, `ranges` of one node (xen/arch/arm/device.c, handle_device). */
const handleNode = (world: ArmWorld, node: HostBridgeNode): number => {
  world.events.push({ handle_device: node.path });
  const mapped = !isLeftUnmapped(world, node);
  if (!mapped) applyRule(world, 'arm.bridge-left-to-vpci', { name: node.path });
  const result = forEachReg(world, node, (reg) => mapRange(world, reg, mapped));
  if (result !== 0) return result;
  if (!hasPciType(node)) return 0;
  const ranges = rangesOf(node);
  if (!ranges.ok) return ranges.error;
  for (const range of ranges.value) {
    const result = mapRange(world, range, mapped);
    if (result !== 0) return result;
  }
  return 0;
};

/**
 * What dom0 needs of a bridge that Xen drives: all but the config window. With two windows each is taken for something
 * else by the other's check, and both are mapped (pci-host-common.c, pci_host_bridge_mappings).
 */
const mapBridge = (world: ArmWorld, { node, root, child }: HostBridge): number =>
  forEachReg(world, node, (reg) => {
    const isNeeded = reg.address !== root.address || (child !== undefined && reg.address !== child.address);
    return isNeeded ? mapRange(world, reg, true) : 0;
  });

export interface HwdomMappings {
  /** Of the first node that failed, or 0. */
  readonly handleDeviceResult: number;
  /** Of the second pass, over the bridges that Xen drives; undefined: it was not reached. */
  readonly result: number | undefined;
}

/** dom0's rights to and mappings of all host bridges (xen/arch/arm/domain_build.c, construct_hwdom). */
export const mapHwdom = (world: ArmWorld): HwdomMappings => {
  for (const node of world.nodes) {
    const handleDeviceResult = handleNode(world, node);
    if (handleDeviceResult !== 0) return { handleDeviceResult, result: undefined };
  }
  world.events.push({ pci_host_bridge_mappings: 1 });
  for (const bridge of world.bridges) {
    const result = mapBridge(world, bridge);
    if (result !== 0) return { handleDeviceResult: 0, result };
  }
  return { handleDeviceResult: 0, result: 0 };
};
