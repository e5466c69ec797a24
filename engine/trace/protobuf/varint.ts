// SPDX-License-Identifier: GPL-2.0-only
import type { Reader } from 'protobufjs/minimal.js';
import { joinHalves } from '../../num/u64.ts';

/** The fifth byte of a number is below that if the number has at most 32 bits. */
const BEYOND_U32 = 16;

/**
 * Reads an unsigned number of up to 64 bits: a bigint where a number would not be exact. Throws what the reader throws.
 * Almost all have at most 32 bits; those the reader takes without making an object of their halves.
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
  reader.pos = pos;
  const { low: lo, high } = reader.uint64();
  return joinHalves(lo, high);
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
