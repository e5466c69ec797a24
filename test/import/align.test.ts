// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { align, anchorsOf } from '../../engine/import/align.ts';
import { compareClocks } from '../../engine/import/clocks.ts';

describe('two recordings of one run', () => {
  test('are paired where they say the same, in the order of both', () => {
    expect(align(['a', 'b', 'c', 'd'], ['x', 'a', 'c', 'y', 'd'])).toEqual([
      { a: 0, b: 1 },
      { a: 2, b: 2 },
      { a: 3, b: 4 },
    ]);
  });

  test('with nothing in common have no pairs', () => {
    expect(align(['a'], ['b'])).toEqual([]);
    expect(align([], ['b'])).toEqual([]);
  });

  test('pairs ascend, say the same, and are as many as a part of the other has', () => {
    const sayings = fc.array(fc.integer({ min: 0, max: 5 }).map(String), { maxLength: 60 });
    fc.assert(
      fc.property(sayings, fc.array(fc.boolean(), { maxLength: 60 }), (whole, keep) => {
        const part = whole.filter((_, index) => keep[index] !== false);
        const pairs = align(part, whole);
        expect(pairs.length).toBe(part.length);
        pairs.forEach((pair, index) => {
          expect(part[pair.a]).toBe(whole[pair.b]);
          const before = pairs[index - 1];
          if (before !== undefined) expect(pair.a > before.a && pair.b > before.b).toBe(true);
        });
      }),
    );
  });

  test('are not paired where the clocks forbid it', () => {
    expect(align(['a', 'a'], ['a', 'a'], (a, b) => a === 1 && b === 0)).toEqual([{ a: 1, b: 0 }]);
  });
});

describe('clocks', () => {
  const seconds = (count: number): readonly bigint[] =>
    Array.from({ length: count }, (_, at) => BigInt(at) * 10n ** 9n);
  const anchors = Array.from({ length: 100 }, (_, at) => ({ a: at, b: at }));

  test('of the same rate allow what is near, and forbid what is far', () => {
    const mayPair = compareClocks(anchors, seconds(100), seconds(100));
    expect([mayPair(50, 50), mayPair(50, 51)]).toEqual([true, false]);
  });

  test('are told apart though some places are the same by chance', () => {
    const chance = anchors.map((pair) => (pair.a === 50 ? { a: 50, b: 90 } : pair));
    expect(compareClocks(chance, seconds(100), seconds(100))(50, 90)).toBe(false);
  });

  test('that are missing forbid nothing', () => {
    expect(compareClocks(anchors, [undefined], seconds(100))(0, 99)).toBe(true);
  });
});

test('only runs that are unique in both are anchors', () => {
  const a = 'abcdefgabcdefg'.split('');
  expect(anchorsOf(a, a)).not.toContainEqual({ a: 0, b: 7 });
});
