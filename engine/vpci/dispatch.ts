// SPDX-License-Identifier: GPL-2.0-only
import { and, lowBits, mergeBytes, or, shiftLeft, shiftRight, without } from '../num/bits.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { highHalf, joinU64, lowHalf } from '../num/u64.ts';
import { findDevice, findVirtualDevice } from '../xen/look-up.ts';
import type { PciDev, Register, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { readView, viewOf } from './hidden-view.ts';

/**
 * The device behind an SBDF as the current domain names it, and the host SBDF that unhandled bytes go to
 * (xen/drivers/vpci/vpci.c: vpci_read, vpci_write).
 */
const findTarget = (world: World, sbdf: Sbdf): PciDev | undefined => {
  const { domain } = world.current;
  if (domain.isHwdom) {
    const own = findDevice(world, domain, sbdf);
    if (own !== undefined || world.behaviours.hiddenDeviceLookUp === 'own-only') return own;
    const hidden = findDevice(world, world.domXen, sbdf);
    if (hidden !== undefined) applyRule(world, 'look-up.hidden', { sbdf });
    return hidden;
  }
  if (world.behaviours.guestVpci !== 'virtual-bus') return findDevice(world, domain, sbdf);
  return findVirtualDevice(world, domain, sbdf);
};

/** Until there are handlers for guests, one that has vPCI all the same reaches hardware as hwdom does. */
const reachesHardware = (world: World): boolean =>
  world.current.domain.isHwdom || world.behaviours.guestVpci === 'none';

const ALL_ONES = 0xffffffff;

/** vpci_read_hw: guests get all ones, of 32 bits whatever the size. Three bytes go as one and two, aligned. */
const readHardware = (world: World, sbdf: Sbdf, reg: number, size: number): number => {
  if (!reachesHardware(world)) {
    applyRule(world, 'guest.unhandled-bytes', { sbdf });
    return ALL_ONES;
  }
  if (size !== 3) return world.hw.read(sbdf, reg, size);
  if (reg % 2 === 1) return or(world.hw.read(sbdf, reg, 1), shiftLeft(world.hw.read(sbdf, reg + 1, 2), 8));
  return or(world.hw.read(sbdf, reg, 2), shiftLeft(world.hw.read(sbdf, reg + 2, 1), 16));
};

/** vpci_write_hw: guests' writes are dropped. */
const writeHardware = (world: World, sbdf: Sbdf, reg: number, size: number, data: number): void => {
  if (!reachesHardware(world)) {
    applyRule(world, 'guest.unhandled-bytes', { sbdf });
    return;
  }
  if (size !== 3) {
    world.hw.write(sbdf, reg, size, data);
    return;
  }
  const first = reg % 2 === 1 ? 1 : 2;
  world.hw.write(sbdf, reg, first, data);
  world.hw.write(sbdf, reg + first, 3 - first, shiftRight(data, 8 * first));
};

/** Number of bytes from `reg` on, at most `limit`, that no handler has. */
const gapLength = (dev: PciDev, reg: number, limit: number): number => {
  let length = 1;
  while (length < limit && dev.vpci?.registers.at(reg + length) === undefined) length++;
  return length;
};

/** A config read of `size` bytes (1 to 4) at any offset, by the current domain (vpci_read). */
export const vpciRead = (world: World, sbdf: Sbdf, reg: number, size: number): number => {
  const view = viewOf(world, sbdf);
  if (view !== 'whole') return readView(world, view, sbdf, reg, size);
  const dev = findTarget(world, sbdf);
  const registers = dev?.vpci?.registers;
  if (dev === undefined || registers === undefined) return readHardware(world, sbdf, reg, size);
  let data = ALL_ONES;
  for (let done = 0; done < size; ) {
    const at = reg + done;
    const register = registers.at(at);
    let count: number;
    let value: number;
    if (register === undefined) {
      count = gapLength(dev, at, size - done);
      value = readHardware(world, dev.sbdf, at, count);
    } else {
      count = Math.min(size - done, register.offset + register.size - at);
      const reserved = or(register.reservedPreservedMask, register.reservedZeroMask);
      value = shiftRight(without(register.handler.read(world, dev, register), reserved), 8 * (at - register.offset));
    }
    data = mergeBytes(data, value, count, done);
    done += count;
  }
  return and(data, lowBits(8 * size));
};

/** A maybe partial write of a register: what is not written is read back (vpci_write_helper). */
const writeRegister = (world: World, dev: PciDev, register: Register, size: number, at: number, data: number): void => {
  const preserved = or(register.readOnlyMask, register.reservedPreservedMask);
  let current = 0;
  let value = data;
  if (size !== register.size || preserved !== 0) {
    current = without(register.handler.read(world, dev, register), register.writeOneToClearMask);
    value = mergeBytes(current, data, size, at);
  }
  value = or(without(value, or(preserved, register.reservedZeroMask)), and(current, preserved));
  register.handler.write(world, dev, register, and(value, lowBits(8 * register.size)));
};

/** A config write of `size` bytes (1 to 4) at any offset, by the current domain (vpci_write). */
export const vpciWrite = (world: World, sbdf: Sbdf, reg: number, size: number, data: number): void => {
  if (viewOf(world, sbdf) !== 'whole') return;
  if (world.behaviours.readOnlyWrites === 'dropped-first' && world.readOnly.has(sbdf)) {
    applyRule(world, 'write.read-only-device', { sbdf });
    return;
  }
  const dev = findTarget(world, sbdf);
  const registers = dev?.vpci?.registers;
  if (dev === undefined || registers === undefined) {
    if (world.readOnly.has(sbdf)) applyRule(world, 'write.read-only-device', { sbdf });
    else writeHardware(world, sbdf, reg, size, data);
    return;
  }
  for (let done = 0; done < size; ) {
    const at = reg + done;
    const register = registers.at(at);
    let count: number;
    if (register === undefined) {
      count = gapLength(dev, at, size - done);
      writeHardware(world, dev.sbdf, at, count, shiftRight(data, 8 * done));
    } else {
      count = Math.min(size - done, register.offset + register.size - at);
      writeRegister(world, dev, register, count, at - register.offset, shiftRight(data, 8 * done));
    }
    done += count;
  }
};

/** Whether size and alignment of an access are ones that Xen takes (vpci_access_allowed). */
export const isAccessAllowed = (reg: number, size: number): boolean =>
  (size === 1 || size === 2 || size === 4 || size === 8) && reg % size === 0;

const CONFIG_SPACE_BYTES = 0x1000;

const isEcamAccessAllowed = (reg: number, size: number): boolean =>
  isAccessAllowed(reg, size) && reg + size <= CONFIG_SPACE_BYTES;

/** A read through ECAM (vpci_ecam_read): 8 bytes are two of 4. undefined: refused. */
export const ecamRead = (world: World, sbdf: Sbdf, reg: number, size: number): bigint | undefined => {
  if (!isEcamAccessAllowed(reg, size)) return undefined;
  const low = vpciRead(world, sbdf, reg, Math.min(4, size));
  return joinU64(low, size === 8 ? vpciRead(world, sbdf, reg + 4, 4) : 0);
};

/** A write through ECAM (vpci_ecam_write). False: refused. */
export const ecamWrite = (world: World, sbdf: Sbdf, reg: number, size: number, data: bigint): boolean => {
  if (!isEcamAccessAllowed(reg, size)) return false;
  vpciWrite(world, sbdf, reg, Math.min(4, size), lowHalf(data));
  if (size === 8) vpciWrite(world, sbdf, reg + 4, 4, highHalf(data));
  return true;
};
