// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binarySearch, heapSort } from '../../engine/arm/handler-table.ts';

const ascending = (a: number, b: number): number => a - b;

test('heap sort leaves any list in ascending order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const sorted = [...numbers];
      heapSort(sorted, ascending);
      expect(sorted).toEqual([...numbers].sort(ascending));
    }),
  );
});

test('binary search finds exactly what is in a sorted list', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), fc.nat(50), (numbers, key) => {
      const sorted = [...numbers].sort(ascending);
      expect(binarySearch(key, sorted, ascending)).toBe(numbers.includes(key) ? key : undefined);
    }),
  );
});
