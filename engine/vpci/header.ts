// SPDX-License-Identifier: GPL-2.0-only
import {
  BASE_ADDRESS_PREFETCHABLE,
  BASE_ADDRESS_TYPE_64,
  COMMAND_MEMORY,
  STATUS_CAPABILITY_LIST,
} from '../machine/header-registers.ts';
import { and, has, or, without } from '../num/bits.ts';
import { alignDown, highHalf, lowHalf, withHighHalf, withLowHalf } from '../num/u64.ts';
import type { Bar, PciDev, Register, RegisterHandler, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { BASE_ADDRESS_MEM_MASK, placeBar, placeOnHost, ROM_ADDRESS_ENABLE, ROM_ADDRESS_MASK } from './bar.ts';
import { requestMap } from './map-bars.ts';
import { hardwareRegister, vpciOf } from './registers.ts';

export const COMMAND_INTX_DISABLE = 0x400;

/** A BAR register's BAR; the upper half of a 64-bit one belongs to the BAR before. */
const barOf = (dev: PciDev, register: Register): { readonly bar: Bar; readonly isHigh: boolean } => {
  const { bars } = vpciOf(dev);
  const own = bars[(register.offset - 0x10) / 4];
  const isHigh = own?.type === 'mem64hi';
  const bar = isHigh ? bars[own.index - 1] : own;
  if (bar === undefined) throw new Error(`register ${register.offset} is no BAR`);
  return { bar, isHigh };
};

const romOf = (dev: PciDev): Bar => {
  const rom = vpciOf(dev).bars.find((bar) => bar.type === 'rom');
  if (rom === undefined) throw new Error('a ROM register without ROM');
  return rom;
};

/**
 * Whether accesses to a device's registers follow the rules for guests: all that is not hwdom's, which takes in hidden
 * devices since handlers know guests at all.
 */
export const isTreatedAsGuest = (world: World, dev: PciDev): boolean =>
  world.behaviours.guestCommand === 'emulated' && dev.domain?.isHwdom !== true;

/** The command register: only a change of memory decoding concerns Xen (cmd_write). */
const writeCommand = (world: World, dev: PciDev, register: Register, value: number): void => {
  const vpci = vpciOf(dev);
  let command = value;
  if (isTreatedAsGuest(world, dev)) {
    if (vpci.msi?.enabled === true || vpci.msix?.enabled === true) {
      if (!has(command, COMMAND_INTX_DISABLE)) applyRule(world, 'guest.intx-kept-off', { sbdf: dev.sbdf });
      command = or(command, COMMAND_INTX_DISABLE);
    }
    vpci.guestCommand = command;
  }
  if (vpci.barsMapped !== has(command, COMMAND_MEMORY)) requestMap(world, dev, command, false);
  else world.hw.write(dev.sbdf, register.offset, 2, command);
};

export const hwdomCommand: RegisterHandler = {
  read: hardwareRegister.read,
  write: writeCommand,
};

/** A guest reads back what it wrote, not what hardware has (guest_cmd_read). */
export const guestCommand: RegisterHandler = {
  read: (_world, dev) => vpciOf(dev).guestCommand,
  write: writeCommand,
};

const flagBits = (bar: Bar): number =>
  or(bar.type === 'mem32' ? 0 : BASE_ADDRESS_TYPE_64, bar.prefetchable ? BASE_ADDRESS_PREFETCHABLE : 0);

const withHalf = (address: bigint, isHigh: boolean, half: number): bigint =>
  isHigh ? withHighHalf(address, half) : withLowHalf(address, half);

/** hwdom moves a BAR on the host; while it is mapped the write is ignored (bar_write). */
export const hwdomBar: RegisterHandler = {
  read: hardwareRegister.read,
  write: (world, dev, register, written) => {
    const { bar, isHigh } = barOf(dev, register);
    const value = isHigh ? written : and(written, BASE_ADDRESS_MEM_MASK);
    if (bar.enabled) {
      const current = isHigh ? highHalf(bar.address) : lowHalf(bar.address);
      applyRule(world, value === current ? 'bar.write-of-same-value' : 'bar.write-while-mapped', {
        sbdf: dev.sbdf,
        bar: bar.index,
      });
      return;
    }
    const address = withHalf(bar.address, isHigh, value);
    placeOnHost(world, bar, address, bar.sizeBytes);
    world.hw.write(dev.sbdf, register.offset, 4, isHigh ? value : or(value, flagBits(bar)));
  },
};

/** A guest moves a BAR in its own address space only (guest_mem_bar_read, guest_mem_bar_write). */
export const guestBar: RegisterHandler = {
  read: (_world, dev, register) => {
    const { bar, isHigh } = barOf(dev, register);
    return isHigh ? highHalf(bar.guestAddress) : or(lowHalf(bar.guestAddress), flagBits(bar));
  },
  write: (world, dev, register, written) => {
    const { bar, isHigh } = barOf(dev, register);
    const value = isHigh ? written : and(written, BASE_ADDRESS_MEM_MASK);
    const guestAddress = alignDown(withHalf(bar.guestAddress, isHigh, value), bar.sizeBytes);
    if (bar.enabled) {
      applyRule(world, guestAddress === bar.guestAddress ? 'bar.write-of-same-value' : 'bar.write-while-mapped', {
        sbdf: dev.sbdf,
        bar: bar.index,
      });
      return;
    }
    placeBar(world, bar, { guestAddress });
  },
};

const placeRom = (world: World, rom: Bar, value: number): void => {
  const address = BigInt(and(value, ROM_ADDRESS_MASK));
  placeOnHost(world, rom, address, rom.sizeBytes);
};

/** The expansion ROM: its enable bit maps and unmaps it while memory decoding is on (rom_write). */
export const romRegister: RegisterHandler = {
  read: hardwareRegister.read,
  write: (world, dev, register, value) => {
    const vpci = vpciOf(dev);
    const rom = romOf(dev);
    const enable = has(value, ROM_ADDRESS_ENABLE);
    if (rom.enabled && enable) {
      applyRule(world, 'rom.write-while-mapped', { sbdf: dev.sbdf });
      return;
    }
    if (!rom.enabled) placeRom(world, rom, value);
    if (!vpci.barsMapped || rom.enabled === enable) {
      vpci.romEnabled = enable;
      world.hw.write(dev.sbdf, register.offset, 4, value);
    } else if (requestMap(world, dev, enable ? COMMAND_MEMORY : 0, true) !== 0) return;
    if (!enable) placeRom(world, rom, value);
  },
};

/** Status register (PCI Local Bus 3.0, 6.2.3). */
const STATUS_IMMEDIATE_READINESS = 0x0001;
const STATUS_INTERRUPT = 0x0008;
const STATUS_66MHZ = 0x0020;
const STATUS_UDF = 0x0040;
const STATUS_FAST_BACK = 0x0080;
const STATUS_PARITY = 0x0100;
const STATUS_DEVSEL = 0x0600;
/** Signaled/received target abort, received master abort, signaled system error, detected parity error. */
const STATUS_ERRORS = 0xf800;

/** Which bits of the status register a write keeps, clears, or finds reserved; `hidden` read as 0. */
export const statusMasks = (hidden: number) => ({
  readOnlyMask: without(
    STATUS_IMMEDIATE_READINESS +
      STATUS_INTERRUPT +
      STATUS_CAPABILITY_LIST +
      STATUS_66MHZ +
      STATUS_FAST_BACK +
      STATUS_DEVSEL,
    hidden,
  ),
  writeOneToClearMask: STATUS_PARITY + STATUS_ERRORS,
  reservedPreservedMask: hidden,
  reservedZeroMask: 0x0006 + STATUS_UDF,
});

/** Bits of the command register that a guest's writes keep as they are (rsvdp_mask in init_header). */
export const GUEST_COMMAND_PRESERVED =
  0xf800 + // reserved
  0x0001 + // I/O space
  0x0040 + // parity error response
  0x0080 + // IDSEL stepping
  0x0100 + // SERR#
  0x0200; // fast back-to-back

/** Bits cleared when a guest gets a device: I/O, memory, bus master, special cycles, invalidate, VGA palette. */
export const GUEST_COMMAND_INITIALLY_OFF = 0x003f;
