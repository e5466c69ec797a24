// SPDX-License-Identifier: GPL-2.0-only

/**
 * 64-bit values are bigints: BAR addresses while they are being sized, MSI addresses, 8-byte accesses. Frame numbers
 * of any 64-bit address fit a number (52 bits) and are numbers.
 */

const LOW = 0xffffffffn;
const PAGE_SHIFT = 12n;

/** The two 32-bit halves put together. */
export const joinU64 = (lo: number, hi: number): bigint => (BigInt(hi) << 32n) | BigInt(lo);

const U32 = 2 ** 32;
/** High halves of what a number holds exactly. */
const EXACT_HIGH = 2 ** 21;

/** The two halves, signed or not, put together: a bigint only where a number would not be exact. */
export const joinHalves = (lo: number, hi: number): number | bigint => {
  const [low, high] = [lo >>> 0, hi >>> 0];
  return high < EXACT_HIGH ? high * U32 + low : joinU64(low, high);
};

export const lowHalf = (value: bigint): number => Number(value & LOW);

export const highHalf = (value: bigint): number => Number((value >> 32n) & LOW);

/** `value` with its low half replaced. */
export const withLowHalf = (value: bigint, lo: number): bigint => (value & ~LOW) | BigInt(lo);

/** `value` with its high half replaced. */
export const withHighHalf = (value: bigint, hi: number): bigint => (value & LOW) | (BigInt(hi) << 32n);

/** Cut to 64 bits, as unsigned arithmetic in C does. */
export const wrapU64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Cut to `bytes` bytes. */
export const truncateTo = (value: bigint, bytes: number): bigint => BigInt.asUintN(8 * bytes, value);

/** Number of the 4 KiB frame that holds the address (Xen's PFN_DOWN). */
export const frameOf = (address: bigint): number => Number(wrapU64(address) >> PAGE_SHIFT);

/** Offset of the address in its 4 KiB frame (Xen's PAGE_OFFSET). */
export const offsetInPage = (address: bigint): number => Number(address & 0xfffn);

/** The address rounded down to a multiple of `size`, a power of two. */
export const alignDown = (address: bigint, size: bigint): bigint => address & ~(size - 1n);

/** Byte number `index`, from the lowest on. */
export const byteAt = (value: bigint, index: number): number => Number((value >> BigInt(8 * index)) & 0xffn);

/** Whether bit `bit` is set. */
export const hasBit = (value: bigint, bit: number): boolean => ((value >> BigInt(bit)) & 1n) === 1n;

/**
 * Numbers whose text was asked for not long ago, each at a place of its lower 30 bits folded. What registers hold comes
 * again and again, and its text would be the largest part of what a config read costs.
 */
const RECENT = 1024;
const recentValues = new Float64Array(RECENT).fill(Number.NaN);
const recentTexts = new Array<string>(RECENT).fill('');

const hexOfNumber = (value: number): string => {
  const place = (value ^ (value >>> 10) ^ (value >>> 20)) & (RECENT - 1);
  if (recentValues[place] !== value) {
    recentTexts[place] = `0x${value.toString(16)}`;
    recentValues[place] = value;
  }
  return recentTexts[place] ?? '';
};

export const hex = (value: number | bigint): string =>
  typeof value === 'number' ? hexOfNumber(value) : `0x${value.toString(16)}`;

/** Hexadecimal with at least `digits` digits. */
export const hexPadded = (value: number | bigint, digits: number): string =>
  `0x${value.toString(16).padStart(digits, '0')}`;
