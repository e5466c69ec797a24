// SPDX-License-Identifier: GPL-2.0-only
import {
  BASE_ADDRESS_0,
  BASE_ADDRESS_END,
  BASE_ADDRESS_FLAGS,
  BASE_ADDRESS_PREFETCHABLE,
  BASE_ADDRESS_TYPE_64,
  COMMAND,
} from '../../machine/header-registers.ts';
import { and, mergeBytes, or, shiftRight, without } from '../../num/bits.ts';
import type { Sbdf } from '../../num/sbdf.ts';
import { highHalf, joinU64, lowHalf, withHighHalf, withLowHalf, wrapU64 } from '../../num/u64.ts';
import type { RuleId } from '../../semantics/rules.ts';
import type { RuleSubject } from '../../xen/state.ts';
import { applyRule } from '../../xen/trail.ts';
import type { BarRegister, PassedDevice, PassthroughWorld, ServedDevice, VirtualBar } from './world.ts';

/**
 * pciback answers a guest's accesses to config space: BAR registers from what it keeps, all else from the device (Linux
 * drivers/xen/xen-pciback/conf_space.c and conf_space_header.c). What it keeps is the physical BAR today, and the virtual
 * one in draft 1's discussion.
 */

const ALL_ONES = 0xffffffff;
/** I/O and memory decoding, bus master. */
const COMMAND_PASSED_ON = 0x7;

/** A device's config space, seen from dom0. */
export interface DeviceConfig {
  read(reg: number, sizeBytes: number): number;
  write(reg: number, sizeBytes: number, value: number): void;
}

const offsetOf = ({ index }: VirtualBar): number => BASE_ADDRESS_0 + 4 * index;

const valuesOf = (bar: VirtualBar): { readonly address: bigint; readonly size: bigint } => ({
  address: bar.virtual ?? bar.physical,
  size: wrapU64(-bar.sizeBytes),
});

const registersOf = (bars: readonly VirtualBar[]): Map<number, BarRegister> => {
  const registers = new Map<number, BarRegister>();
  for (let reg = BASE_ADDRESS_0; reg < BASE_ADDRESS_END; reg += 4)
    registers.set(reg, { value: 0, sizeValue: 0, flags: BASE_ADDRESS_FLAGS, showsSize: false, bar: undefined });
  for (const bar of bars) {
    const { address, size } = valuesOf(bar);
    const flags = (bar.is64 ? BASE_ADDRESS_TYPE_64 : 0) + (bar.prefetchable ? BASE_ADDRESS_PREFETCHABLE : 0);
    const low = { flags: BASE_ADDRESS_FLAGS, showsSize: false, bar };
    registers.set(offsetOf(bar), { ...low, value: or(lowHalf(address), flags), sizeValue: or(lowHalf(size), flags) });
    const high = { flags: 0, showsSize: false, bar };
    if (bar.is64) registers.set(offsetOf(bar) + 4, { ...high, value: highHalf(address), sizeValue: highHalf(size) });
  }
  return registers;
};

/** Begins to serve a device to its guest. */
export const serveDevice = (world: PassthroughWorld, device: PassedDevice): void => {
  const { domain, host, guest, bars } = device;
  world.served.push({ domain, host, guest, registers: registersOf(bars) });
};

/** The device that a guest means; undefined: XEN_PCI_ERR_dev_not_found. */
export const servedDevice = (world: PassthroughWorld, domain: string, guest: Sbdf): ServedDevice | undefined => {
  const found = world.served.find((device) => device.domain === domain && device.guest === guest);
  if (found === undefined) applyRule(world, 'pciback.device-not-found', { domain, sbdf: guest });
  return found;
};

/** The BAR register that an access of 1, 2 or 4 bytes falls into. */
export const barRegisterAt = ({ registers }: ServedDevice, reg: number): BarRegister | undefined =>
  registers.get(reg - (reg % 4));

/** The virtual BAR was decided only now: its registers show it from here on. */
export const setVirtual = ({ registers }: ServedDevice, bar: VirtualBar, virtual: bigint): void => {
  bar.virtual = virtual;
  const low = registers.get(offsetOf(bar));
  const high = registers.get(offsetOf(bar) + 4);
  if (low !== undefined) low.value = or(lowHalf(virtual), and(low.value, low.flags));
  if (bar.is64 && high !== undefined) high.value = highHalf(virtual);
};

const subjectOf = ({ host }: ServedDevice, { bar }: BarRegister): RuleSubject =>
  bar === undefined ? { sbdf: host } : { sbdf: host, bar: bar.index };

/** A guest's read of 1, 2 or 4 aligned bytes. */
export const readServed = (
  world: PassthroughWorld,
  device: ServedDevice,
  config: DeviceConfig,
  reg: number,
  sizeBytes: number,
): number => {
  const register = barRegisterAt(device, reg);
  if (register === undefined) return config.read(reg, sizeBytes);
  applyRule(world, register.showsSize ? 'pciback.bar-sized' : 'pciback.virtual-bar-read', subjectOf(device, register));
  const whole = register.showsSize ? register.sizeValue : register.value;
  return mergeBytes(0, shiftRight(whole, 8 * (reg % 4)), sizeBytes, 0);
};

/** The BAR's address with the register's half of it replaced. */
const movedTo = (register: BarRegister, bar: VirtualBar, value: number): bigint => {
  const address = valuesOf(bar).address;
  return register.flags === 0
    ? withHighHalf(address, value)
    : withLowHalf(address, and(without(value, register.flags), register.sizeValue));
};

/** The device lost its address, in a reset for example, and the guest writes what it reads: it gets it back. */
const restore = (config: DeviceConfig, bar: VirtualBar): boolean => {
  const reg = offsetOf(bar);
  const now = joinU64(without(config.read(reg, 4), BASE_ADDRESS_FLAGS), bar.is64 ? config.read(reg + 4, 4) : 0);
  if (now === bar.physical) return false;
  config.write(reg, 4, lowHalf(bar.physical));
  if (bar.is64) config.write(reg + 4, 4, highHalf(bar.physical));
  return true;
};

interface Write {
  readonly world: PassthroughWorld;
  readonly device: ServedDevice;
  readonly config: DeviceConfig;
  readonly mayMove: boolean;
}

/** The rule that an access to a BAR register goes by (bar_write); undefined: nothing was to be decided. */
const writeBar = ({ device, config, mayMove }: Write, register: BarRegister, value: number): RuleId | undefined => {
  const { bar } = register;
  register.showsSize = or(value, register.flags) === ALL_ONES;
  if (register.showsSize) return 'pciback.bar-sized';
  if (bar !== undefined && value === register.value) return restore(config, bar) ? 'pciback.bar-restored' : undefined;
  if (bar === undefined || !mayMove) return 'pciback.bar-stays';
  setVirtual(device, bar, movedTo(register, bar, value));
  return 'pciback.bar-moved';
};

/**
 * A guest's write of 1, 2 or 4 aligned bytes. Less than a BAR register is merged into what it shows: all ones ask for the
 * size, its own value is fine, all else is ignored, or moves the BAR where that is allowed.
 */
export const writeServed = (write: Write, reg: number, sizeBytes: number, value: number): void => {
  const { world, device, config } = write;
  const register = barRegisterAt(device, reg);
  if (register !== undefined) {
    const shown = register.showsSize ? register.sizeValue : register.value;
    const rule = writeBar(write, register, mergeBytes(shown, value, sizeBytes, reg % 4));
    if (rule !== undefined) applyRule(world, rule, subjectOf(device, register));
  } else if (reg === COMMAND && sizeBytes === 2) {
    const kept = without(config.read(COMMAND, 2), COMMAND_PASSED_ON);
    config.write(COMMAND, 2, or(kept, and(value, COMMAND_PASSED_ON)));
  } else applyRule(world, 'pciback.write-dropped', { sbdf: device.host });
};
