// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { readVarint } from '../../../engine/trace/protobuf/varint.ts';

/** Seven bits a byte, the lowest first, in as many bytes as are asked for. */
const bytesOf = (value: bigint, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, index) => {
    const bits = Number(BigInt.asUintN(7, value / 128n ** BigInt(index)));
    return index === count - 1 ? bits : bits + 0x80;
  });

const needed = (value: bigint): number => Math.max(1, Math.ceil(value.toString(2).length / 7));
const read = (bytes: Uint8Array): number | bigint => readVarint(protobuf.Reader.create(bytes));
const exactly = (value: bigint): number | bigint => (value < 2n ** 53n ? Number(value) : value);

test('numbers of up to 64 bits are read exactly, those that a number holds as numbers', () => {
  const edges = [7n, 14n, 28n, 31n, 32n, 35n, 49n, 53n, 56n, 63n, 64n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits]);
  for (const value of [0n, 1n, ...edges.filter((edge) => edge < 2n ** 64n)])
    expect(read(bytesOf(value, needed(value)))).toBe(exactly(value));
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat({ max: 9 }), (value, longer) => {
      const count = Math.min(10, needed(value) + longer);
      expect(read(bytesOf(value, count))).toBe(exactly(value));
    }),
  );
});

test('bits beyond the 64th do not count', () => {
  expect(read(bytesOf(2n ** 64n + 5n, 10))).toBe(5);
});
