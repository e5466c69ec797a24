// SPDX-License-Identifier: GPL-2.0-only

import { type ConfigImage, extendedCapabilities, imageOf, legacyCapabilities } from '../machine/config-dump.ts';
import { BASE_ADDRESS_0, BASE_ADDRESS_END } from '../machine/header-registers.ts';
import type { PlainDevice } from '../machine/plain.ts';
import { and, or, shiftLeft, shiftRight, without } from '../num/bits.ts';
import { byteAt } from '../num/u64.ts';

/** An access to one device's registers, as far as it tells what the hardware held. */
export interface SeenAccess {
  readonly write: boolean;
  readonly reg: number;
  /** Bytes that `value` covers; undefined: the source does not tell, its significant ones count. */
  readonly size: number | undefined;
  readonly value: bigint;
}

/** Bytes of an access whose size nobody tells: BARs are accessed whole, elsewhere those that the value needs. */
const bytesOf = ({ reg, size, value }: SeenAccess): number => {
  if (size !== undefined) return size;
  if (reg >= BASE_ADDRESS_0 && reg < BASE_ADDRESS_END && reg % 4 === 0) return 4;
  return Math.max(1, Math.ceil(value.toString(16).length / 2));
};

/** Offsets of bytes that say how capabilities are chained: Xen shows a domain other ones than the hardware has. */
const chainBytes = (image: ConfigImage): ReadonlySet<number> => {
  const bytes = new Set([0x34]);
  for (const { offset } of legacyCapabilities(image)) for (const byte of [0, 1]) bytes.add(offset + byte);
  for (const { offset } of extendedCapabilities(image)) for (const byte of [0, 1, 2, 3]) bytes.add(offset + byte);
  return bytes;
};

/** Bytes that the hardware held when the record of a domain begins, as far as accesses tell. */
class FirstValues {
  readonly #known = new Map<number, number>();
  readonly #closed = new Set<number>();
  readonly #widest = new Map<number, number>();
  readonly #device: PlainDevice;
  readonly #kept: ReadonlySet<number>;

  constructor(device: PlainDevice) {
    this.#device = device;
    this.#kept = chainBytes(imageOf(device));
  }

  /** An access of the time before the record: the last one counts. Registers are accessed as widely as ever before. */
  before(access: SeenAccess): void {
    const { reg, value, write } = access;
    const bytes = Math.max(bytesOf(access), this.#widest.get(reg) ?? 0);
    this.#widest.set(reg, bytes);
    for (let byte = 0; byte < bytes; byte++) {
      const at = reg + byte;
      const data = byteAt(value, byte);
      const mask = write ? byteOf(this.#device.writable, at) : 0xff;
      const old = this.#known.get(at) ?? byteOf(this.#device.registers, at);
      this.#known.set(at, or(without(old, mask), and(data, mask)));
    }
  }

  /** An access of the record: what is read first counts, unless something was written before. */
  during(access: SeenAccess): void {
    const { reg, value, write } = access;
    for (let byte = 0; byte < bytesOf(access); byte++) {
      const at = reg + byte;
      if (this.#closed.has(at) || this.#kept.has(at)) continue;
      if (write || this.#known.has(at)) this.#closed.add(at);
      else this.#known.set(at, byteAt(value, byte));
    }
  }

  registers(): ReadonlyMap<number, number> {
    const registers = new Map(this.#device.registers);
    for (const [at, byte] of this.#known) {
      const shift = 8 * (at % 4);
      const dword = registers.get(at - (at % 4)) ?? 0;
      registers.set(at - (at % 4), or(without(dword, shiftLeft(0xff, shift)), shiftLeft(byte, shift)));
    }
    return registers;
  }
}

const byteOf = (dwords: ReadonlyMap<number, number>, at: number): number =>
  and(shiftRight(dwords.get(at - (at % 4)) ?? 0, 8 * (at % 4)), 0xff);

/**
 * A dumped device put back to what it held when the record begins: `before` are accesses up to then, in order, as the
 * hardware saw them; `during` those of the record, as domains made them.
 */
export const rewind = (
  device: PlainDevice,
  before: readonly SeenAccess[],
  during: readonly SeenAccess[],
): PlainDevice => {
  const values = new FirstValues(device);
  for (const access of before) values.before(access);
  for (const access of during) values.during(access);
  return { ...device, registers: values.registers() };
};
