// SPDX-License-Identifier: GPL-2.0-only

import type { z } from 'zod';
import { without } from '../num/bits.ts';
import { hex, highHalf, lowHalf } from '../num/u64.ts';
import type { Row } from './config-image.ts';
import { BASE_ADDRESS_PREFETCHABLE } from './header-registers.ts';
import type { bars as barsSchema } from './schema-kinds.ts';
import type { Path } from './yaml-tree.ts';

/** Reports what is wrong with the part of a device's description at `path`, or with the key `key` there. */
export type Fault = (path: Path, message: string, key?: string) => void;

/** The same for a part of the description, whose paths begin with `prefix`. */
export const within =
  (fault: Fault, ...prefix: Path): Fault =>
  (path, message, key) =>
    fault([...prefix, ...path], message, key);

export type Bars = z.infer<typeof barsSchema>;
type Bar = NonNullable<Bars[0]>;

interface Limits {
  readonly smallest: bigint;
  readonly largest: bigint;
  /** Of an address. */
  readonly bits: number;
}

/**
 * Kinds of BAR (PCI Local Bus 3.0, 6.2.5.1): the type bits, the low bits that no address can have, the smallest and
 * the largest size.
 */
const KINDS = {
  io: { type: 0x1, low: 0x3, smallest: 4n, largest: 2n ** 31n, bits: 32 },
  mem32: { type: 0x0, low: 0xf, smallest: 16n, largest: 2n ** 31n, bits: 32 },
  mem64: { type: 0x4, low: 0xf, smallest: 16n, largest: 2n ** 63n, bits: 64 },
} as const;

/** An expansion ROM has 21 address bits and is at most 16 MiB large (6.2.5.2). */
const ROM_LIMITS: Limits = { smallest: 0x800n, largest: 0x1000000n, bits: 32 };

/** A size or an address of a description, which is text from 2^53 on. */
export const exact = (value: number | string | undefined): bigint => BigInt(value ?? 0);

const isPowerOfTwo = (value: bigint): boolean => value > 0n && !value.toString(2).slice(1).includes('1');

/** Reports a size that no BAR can have, and an address that is no multiple of it. 0 stands for a BAR without writable bits. */
const checkRegion = (size: bigint, address: bigint, limits: Limits, fault: Fault): void => {
  const { smallest, largest, bits } = limits;
  if (size !== 0n && !(isPowerOfTwo(size) && size >= smallest && size <= largest))
    fault(['size'], `size: expected 0 or a power of two from ${hex(smallest)} to ${hex(largest)}; got ${hex(size)}`);
  else if (address >= 2n ** BigInt(bits))
    fault(['address'], `address: expected at most ${bits} bits; got ${hex(address)}`);
  else if (size !== 0n && address % size !== 0n)
    fault(['address'], `address: expected a multiple of the size ${hex(size)}; got ${hex(address)}`);
};

const barRows = (bar: Bar, index: number, fault: Fault): Row[] => {
  const limits = KINDS[bar.kind];
  const size = exact(bar.size);
  const address = exact(bar.address);
  checkRegion(size, address, limits, fault);
  if (bar.kind === 'io' && bar.prefetchable === true)
    fault(['prefetchable'], 'prefetchable: an I/O BAR cannot be prefetchable');
  const mask = size === 0n ? 0n : 2n ** 64n - size;
  const type = limits.type + (bar.prefetchable === true ? BASE_ADDRESS_PREFETCHABLE : 0);
  const low: Row = {
    name: `Base Address Register ${index}`,
    at: 4 * index,
    value: without(lowHalf(address), limits.low) + type,
    writable: without(lowHalf(mask), limits.low),
  };
  if (bar.kind !== 'mem64') return [low];
  return [
    low,
    {
      name: `Base Address Register ${index + 1}`,
      at: 4 * (index + 1),
      value: highHalf(address),
      writable: highHalf(mask),
    },
  ];
};

/** The registers of `count` BARs, from the first one on. */
export const barsRows = (bars: Bars, count: number, fault: Fault): Row[] => {
  const rows: Row[] = [];
  let taken = false;
  Object.entries(bars).forEach(([key, bar]) => {
    if (bar !== undefined && Number(key) >= count)
      fault([], `BAR ${key}: expected a number below ${count} with this header type`, key);
  });
  for (const index of [0, 1, 2, 3, 4, 5] as const) {
    const bar = bars[index];
    const upperHalf = taken;
    taken = false;
    if (bar === undefined || index >= count) continue;
    if (upperHalf)
      fault([], `BAR ${index}: the upper half of the mem64 BAR ${index - 1}; expected nothing here`, String(index));
    taken = bar.kind === 'mem64';
    if (taken && index + 1 >= count) fault([String(index), 'kind'], `kind: mem64 needs another BAR after BAR ${index}`);
    rows.push(...barRows(bar, index, within(fault, String(index))));
  }
  return rows;
};

/** The expansion ROM's register (PCI Local Bus 3.0, 6.2.5.2). */
export const romRow = (
  rom: {
    readonly address?: number | string | undefined;
    readonly size: number | string;
    readonly enabled?: boolean | undefined;
  },
  at: number,
  fault: Fault,
): Row => {
  const size = exact(rom.size);
  const address = exact(rom.address);
  checkRegion(size, address, ROM_LIMITS, fault);
  const mask = size === 0n ? 0 : without(lowHalf(2n ** 64n - size), 0x7ff);
  return {
    name: 'Expansion ROM Base Address',
    at,
    value: without(lowHalf(address), 0x7ff) + (rom.enabled === true ? 1 : 0),
    writable: mask + (mask === 0 ? 0 : 1),
  };
};
