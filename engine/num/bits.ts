// SPDX-License-Identifier: GPL-2.0-only

/**
 * Unsigned 32-bit operations on plain numbers. This room is the only one that may use bit operators: `<<` on an
 * address truncates silently and `&` answers negative numbers, so everybody else calls these by name.
 * All arguments and results are integers in [0, 2^32).
 */

export const and = (a: number, b: number): number => (a & b) >>> 0;

export const or = (a: number, b: number): number => (a | b) >>> 0;

/** `value` without the bits of `mask`. */
export const without = (value: number, mask: number): number => (value & ~mask) >>> 0;

/** Whether any bit of `mask` is set in `value`. */
export const has = (value: number, mask: number): boolean => (value & mask) !== 0;

/** `value` times 2^`count`, cut to 32 bits; `count` in [0, 31]. */
export const shiftLeft = (value: number, count: number): number => (value << count) >>> 0;

/** `value` divided by 2^`count`; `count` in [0, 31]. */
export const shiftRight = (value: number, count: number): number => value >>> count;

/** The lowest `count` bits set; `count` in [0, 32]. */
export const lowBits = (count: number): number => (count >= 32 ? 0xffffffff : (1 << count) - 1) >>> 0;

/** The field of `value` that `mask` selects, shifted down to bit 0 (Xen's MASK_EXTR). */
export const extract = (value: number, mask: number): number => ((value & mask) >>> 0) / ((mask & -mask) >>> 0);

/** `field` shifted up to where `mask` is and cut to it (Xen's MASK_INSR). */
export const insert = (field: number, mask: number): number => (Math.imul(field, mask & -mask) & mask) >>> 0;

/** Position of the highest set bit counted from 1, 0 for 0 (Xen's fls). */
export const highestBit = (value: number): number => 32 - Math.clz32(value);

/** `count` bytes of `value` (from its byte 0) put over the bytes of `into` from byte `at` on. */
export const mergeBytes = (into: number, value: number, count: number, at: number): number => {
  const mask = lowBits(8 * count);
  return ((into & ~(mask << (8 * at))) | ((value & mask) << (8 * at))) >>> 0;
};
