// SPDX-License-Identifier: GPL-2.0-only
import type { Reader } from 'protobufjs/minimal.js';
import { joinHalves } from '../../num/u64.ts';

/** The fifth byte of a number is below that if the number has at most 32 bits. */
const BEYOND_U32 = 16;

/** A byte of a number holds seven bits of it, the lowest first; seven bytes are a number without loss. */
const PER_BYTE = 128;
const EXACT_BYTES = 7;

const bitsOf = (bytes: Uint8Array, from: number, to: number): number => {
  let value = 0;
  for (let at = to - 1; at >= from; at -= 1) value = value * PER_BYTE + ((bytes[at] ?? 0) % PER_BYTE);
  return value;
};

const U32 = 2 ** 32;
/** Of the bits from 49 on, 15 belong to the 64; they are the upper ones of the high half. */
const TOP_BITS = 2 ** 15;
const BELOW_TOP = 2 ** 17;

/**
 * Reads an unsigned number of up to 64 bits: a bigint where a number would not be exact. Throws what the reader throws.
 * Almost all have at most 32 bits; for the others the reader would need the package long.
 */
export const readVarint = (reader: Reader): number | bigint => {
  const { pos } = reader;
  const first = reader.buf[pos];
  if (first !== undefined && first < 0x80 && pos < reader.len) {
    reader.pos = pos + 1;
    return first;
  }
  const low = reader.uint32();
  const length = reader.pos - pos;
  if (length < 5 || (length === 5 && (reader.buf[reader.pos - 1] ?? 0) < BEYOND_U32)) return low;
  const split = Math.min(pos + EXACT_BYTES, reader.pos);
  const lower = bitsOf(reader.buf, pos, split);
  if (split === reader.pos) return lower;
  const top = bitsOf(reader.buf, split, reader.pos) % TOP_BITS;
  return joinHalves(lower % U32, Math.floor(lower / U32) + top * BELOW_TOP);
};

/** A number as it was before zig-zag: even ones are positive, odd ones negative. */
export const fromZigZag = (value: number | bigint): number | bigint => {
  if (typeof value === 'bigint') return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
};

/** Numbers up to 2^52, which is what results and options are. */
export const toZigZag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

/** Whether the reader threw it for what it read: the end of its data, or a number without an end. */
export const isMalformed = (error: unknown): boolean =>
  error instanceof RangeError || (error instanceof Error && error.constructor === Error);
