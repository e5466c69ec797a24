// SPDX-License-Identifier: GPL-2.0-only

import { and, has, lowBits, or, shiftLeft, shiftRight, without } from '../num/bits.ts';
import { busOf, formatSbdf, type Sbdf, segmentOf } from '../num/sbdf.ts';
import { SbdfMap } from '../num/sbdf-map.ts';
import { hex } from '../num/u64.ts';
import { DeviceMemory } from './device-memory.ts';
import { firstImages, spaceDwords } from './first-images.ts';
import { COMMAND, COMMAND_MEMORY } from './header-registers.ts';
import type { PlainDevice, PlainMachine } from './plain.ts';

const LEGACY_SIZE_BYTES = 0x100;
const ALL_ONES = 0xffffffff;

/** SR-IOV extended capability (SR-IOV 1.1, 3.3): offsets from its header. */
const SRIOV_CONTROL = 0x08;
const SRIOV_NUM_VFS = 0x10;
const SRIOV_VF_ENABLE = 0x1;

/** Resizable BAR control register (PCIe 6.0, 7.8.6.3): BAR size in bits 13:8, as 1 MiB << value. */
const REBAR_SIZE_SHIFT = 8;
const REBAR_SIZE_BITS = 6;
const MIB_SHIFT = 20;

/** One function's config space and what is behind it. Present or not, it keeps its image. */
interface Func {
  readonly plain: PlainDevice;
  registers: Uint32Array;
  writable: Uint32Array;
  readonly writeOneToClear: Uint32Array;
  plugged: boolean;
}

/** Gives room to registers that were 0 so far. */
const growRegisters = (func: Func): void => {
  const image = new Uint32Array(spaceDwords(func.plain.extended));
  image.set(func.registers);
  func.registers = image;
};

/** An access that reached hardware; `write` false for reads, which are logged only when asked for. */
export interface HardwareAccess {
  readonly write: boolean;
  readonly sbdf: Sbdf;
  readonly reg: number;
  readonly size: number;
  readonly value: number;
}

/** `w 0000:03:00.0 0x4 2 0x6`, as results print it. */
export const formatAccess = (access: HardwareAccess): string =>
  `${access.write ? 'w' : 'r'} ${formatSbdf(access.sbdf)} ${hex(access.reg)} ${access.size} ${hex(access.value)}`;

export type AccessLog = 'off' | 'writes' | 'reads-and-writes';

const makeFunction = (plain: PlainDevice): Func => {
  const { registers, writable, writeOneToClear } = firstImages(plain);
  return { plain, registers: registers.slice(), writable: writable.slice(), writeOneToClear, plugged: plain.present };
};

/** Index of the dword of a function's image that an offset is; undefined: the function has no such register. */
const describedIndex = ({ aliased, extended }: PlainDevice, reg: number): number | undefined => {
  if (reg < LEGACY_SIZE_BYTES) return shiftRight(reg, 2);
  if (aliased) return shiftRight(reg % LEGACY_SIZE_BYTES, 2);
  return extended && reg < 0x1000 ? shiftRight(reg, 2) : undefined;
};

/**
 * Config space of a machine and the memory behind its BARs: the part of the model that is not Xen.
 * Absent devices read as all ones and drop writes (PCI Local Bus 3.0, 6.1).
 */
export class Hardware {
  readonly machine: PlainMachine;
  readonly memory = new DeviceMemory();
  /** Accesses since the last {@link takeLog}, in order. */
  private log: HardwareAccess[] = [];
  private readonly logging: AccessLog;
  private readonly functions = new SbdfMap<Func>();
  /** Buses (segment << 8 | bus) whose extended config space is out of reach. */
  private readonly unreachable = new Set<number>();

  constructor(machine: PlainMachine, logging: AccessLog) {
    this.machine = machine;
    this.logging = logging;
    for (const plain of machine.devices) this.functions.set(plain.sbdf, makeFunction(plain));
  }

  /** The accesses that reached hardware since the last call. */
  takeLog(): readonly HardwareAccess[] {
    const taken = this.log;
    if (taken.length > 0) this.log = [];
    return taken;
  }

  /** SBDFs that the machine describes, present or not, ascending. */
  described(): readonly Sbdf[] {
    return [...this.functions.keys()].sort((a, b) => a - b);
  }

  private presentFunction(sbdf: Sbdf): Func | undefined {
    const func = this.functions.get(sbdf);
    if (func === undefined || !func.plugged) return undefined;
    const { presentWith } = func.plain;
    if (presentWith === undefined) return func;
    const pf = this.presentFunction(presentWith);
    return pf !== undefined && this.vfEnabled(pf) ? func : undefined;
  }

  private vfEnabled(pf: Func): boolean {
    const { sriov } = pf.plain;
    return sriov !== undefined && has(pf.registers[(sriov + SRIOV_CONTROL) / 4] ?? 0, SRIOV_VF_ENABLE);
  }

  /** Index of the dword that an offset reaches in the function's image; undefined: nothing answers there. */
  private indexOf(func: Func, reg: number): number | undefined {
    const { plain } = func;
    const isExtended = reg >= LEGACY_SIZE_BYTES;
    if (
      isExtended &&
      this.unreachable.size > 0 &&
      this.unreachable.has(segmentOf(plain.sbdf) * 256 + busOf(plain.sbdf))
    )
      return undefined;
    return describedIndex(plain, reg);
  }

  /** Reads 1, 2 or 4 bytes at any offset. */
  read(sbdf: Sbdf, reg: number, size: number): number {
    const func = this.presentFunction(sbdf);
    if (func === undefined) return lowBits(8 * size);
    const value = this.readFunction(func, reg, size);
    if (this.logging === 'reads-and-writes') this.log.push({ write: false, sbdf, reg, size, value });
    return value;
  }

  private readFunction(func: Func, reg: number, size: number): number {
    const within = reg % 4;
    if (within + size > 4) {
      const low = 4 - within;
      const high = this.readFunction(func, reg + low, size - low);
      return or(this.readFunction(func, reg, low), shiftLeft(high, 8 * low));
    }
    const index = this.indexOf(func, reg);
    const dword = index === undefined ? ALL_ONES : (func.registers[index] ?? 0);
    return and(shiftRight(dword, 8 * within), lowBits(8 * size));
  }

  /** Writes 1, 2 or 4 bytes at any offset. */
  write(sbdf: Sbdf, reg: number, size: number, data: number): void {
    const value = and(data, lowBits(8 * size));
    if (this.logging !== 'off') this.log.push({ write: true, sbdf, reg, size, value });
    const func = this.presentFunction(sbdf);
    if (func !== undefined) this.writeFunction(func, reg, size, value);
  }

  private writeFunction(func: Func, reg: number, size: number, value: number): void {
    const within = reg % 4;
    if (within + size > 4) {
      const low = 4 - within;
      this.writeFunction(func, reg, low, and(value, lowBits(8 * low)));
      this.writeFunction(func, reg + low, size - low, shiftRight(value, 8 * low));
      return;
    }
    const index = this.indexOf(func, reg);
    if (index === undefined) return;
    const bytes = shiftLeft(lowBits(8 * size), 8 * within);
    const data = shiftLeft(value, 8 * within);
    const old = func.registers[index] ?? 0;
    let mask = and(func.writable[index] ?? 0, bytes);
    const clear = and(and(func.writeOneToClear[index] ?? 0, bytes), data);
    const { sriov, stickyMemoryDecoding } = func.plain;
    if (sriov !== undefined && index === (sriov + SRIOV_NUM_VFS) / 4 && this.vfEnabled(func))
      mask = without(mask, 0xffff);
    let next = without(or(without(old, mask), and(data, mask)), clear);
    if (stickyMemoryDecoding && index === COMMAND / 4) next = or(next, and(old, COMMAND_MEMORY));
    func.registers[index] = next;
    for (const { control, bar } of func.plain.resizable)
      if (index === shiftRight(control, 2)) this.resizeBar(func, bar, old, next);
  }

  private resizeBar(func: Func, bar: number, oldControl: number, newControl: number): void {
    const sizeField = (control: number): number => and(shiftRight(control, REBAR_SIZE_SHIFT), lowBits(REBAR_SIZE_BITS));
    const field = sizeField(newControl);
    if (field === sizeField(oldControl)) return;
    const low = 4 + bar;
    const is64 = and(func.registers[low] ?? 0, 0x6) === 0x4;
    const shift = MIB_SHIFT + field;
    const lowMask = shift >= 32 ? 0 : without(ALL_ONES, lowBits(shift));
    const highMask = shift <= 32 ? ALL_ONES : without(ALL_ONES, lowBits(Math.min(shift - 32, 32)));
    this.setAddressBits(func, low, lowMask, 0xf);
    if (is64) this.setAddressBits(func, low + 1, highMask, 0);
  }

  private setAddressBits(func: Func, index: number, mask: number, readOnlyBits: number): void {
    func.writable[index] = mask;
    func.registers[index] = and(func.registers[index] ?? 0, or(mask, readOnlyBits));
  }

  /** Puts a described device in; it starts from its initial image. False: the machine does not describe it. */
  plug(sbdf: Sbdf): boolean {
    const func = this.functions.get(sbdf);
    if (func === undefined) return false;
    if (!func.plugged) {
      Object.assign(func, makeFunction(func.plain), { plugged: true });
    }
    return true;
  }

  /** Takes a device out. False: the machine does not describe it. */
  unplug(sbdf: Sbdf): boolean {
    const func = this.functions.get(sbdf);
    if (func === undefined) return false;
    func.plugged = false;
    return true;
  }

  /**
   * Changes a register from the device's side: no write mask applies, and whether software reaches it does not matter.
   * False: there is no such register.
   */
  poke(sbdf: Sbdf, reg: number, size: number, value: number): boolean {
    const func = this.functions.get(sbdf);
    if (func === undefined) return false;
    for (let byte = 0; byte < size; byte++) {
      const index = describedIndex(func.plain, reg + byte);
      if (index === undefined) return false;
      if (index >= func.registers.length) growRegisters(func);
      const shift = 8 * ((reg + byte) % 4);
      const bits = shiftLeft(and(shiftRight(value, 8 * byte), 0xff), shift);
      func.registers[index] = or(without(func.registers[index] ?? 0, shiftLeft(0xff, shift)), bits);
    }
    return true;
  }

  /** Whether a described device is in its place; a VF is, even while VFs are disabled. */
  isPlugged(sbdf: Sbdf): boolean {
    return this.functions.get(sbdf)?.plugged === true;
  }

  /** Looks at a register of a plugged device without Xen: nothing is logged, and VFs need not be enabled. */
  peek(sbdf: Sbdf, reg: number, size: number): number {
    const func = this.functions.get(sbdf);
    return func?.plugged === true ? this.readFunction(func, reg, size) : lowBits(8 * size);
  }

  /** Bits of a dword that software can change; 0 of a device that is not plugged in. */
  writableBits(sbdf: Sbdf, reg: number): number {
    const func = this.functions.get(sbdf);
    return func?.plugged === true ? (func.writable[shiftRight(reg, 2)] ?? 0) : 0;
  }

  /** Whether extended config space of a range of buses can be reached. */
  setExtendedReachable(segment: number, firstBus: number, lastBus: number, reachable: boolean): void {
    for (let bus = firstBus; bus <= lastBus; bus++) {
      if (reachable) this.unreachable.delete(segment * 256 + bus);
      else this.unreachable.add(segment * 256 + bus);
    }
  }
}
