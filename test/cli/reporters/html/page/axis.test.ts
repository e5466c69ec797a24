// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axisOf, columnsOf } from '../../../../../cli/reporters/html/page/axis.ts';

const PAGE = 1;
const GIB = 2 ** 18;

const frames = fc
  .tuple(fc.nat({ max: 2 ** 40 }), fc.nat({ max: 2 ** 20 }))
  .map(([first, more]) => ({ first, last: first + more }));

test('a page has room for its label beside gigabytes, and larger stretches are higher', () => {
  const { stretches } = axisOf([
    { first: 0, last: PAGE - 1 },
    { first: PAGE, last: 8 * GIB },
  ]);
  expect(stretches[0]?.height).toBeGreaterThanOrEqual(18);
  expect(stretches[1]?.height).toBeGreaterThan(stretches[0]?.height ?? 0);
});

test('stretches lie on each other without gaps, break where nothing is, and all edges have a place', () => {
  fc.assert(
    fc.property(fc.array(frames, { minLength: 1, maxLength: 12 }), (ranges) => {
      const axis = axisOf(ranges);
      let [y, at] = [0, axis.stretches[0]?.first];
      for (const stretch of axis.stretches) {
        expect([stretch.y, stretch.first]).toEqual([y, at]);
        expect(stretch.isGap).toBe(!ranges.some(({ first, last }) => first < stretch.end && last >= stretch.first));
        [y, at] = [y + stretch.height, stretch.end];
      }
      expect(axis.height).toBe(y);
      for (const { first, last } of ranges) expect(axis.at(last + 1)).toBeGreaterThan(axis.at(first) ?? Infinity);
    }),
  );
});

test('ranges in one column never overlap, and one that overlaps none has the whole width', () => {
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 12 }), (ranges) => {
      const columns = columnsOf(ranges);
      ranges.forEach((a, i) => {
        const rivals = ranges.filter((b, j) => i !== j && b.first <= a.last && b.last >= a.first);
        if (rivals.length === 0) expect(columns[i]).toEqual({ column: 0, count: 1 });
        ranges.forEach((b, j) => {
          if (i < j && b.first <= a.last && b.last >= a.first) {
            expect(columns[i]?.column).not.toBe(columns[j]?.column);
            expect(columns[i]?.count).toBe(columns[j]?.count);
          }
        });
      });
    }),
  );
});
