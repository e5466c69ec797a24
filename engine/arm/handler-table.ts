// SPDX-License-Identifier: GPL-2.0-only

/**
 * Sorting and searching as Xen does it. Which of two overlapping MMIO ranges is found depends on both, so neither may
 * be replaced by a library's.
 */

/** Below 0, 0 or above 0, as `a` comes before, is equal to or comes after `b`. */
export type Comparison<A, B = A> = (a: A, b: B) => number;

const siftDown = <T>(items: T[], start: number, end: number, compare: Comparison<T>): void => {
  let at = start;
  while (at * 2 + 1 < end) {
    let child = at * 2 + 1;
    const here = items[at];
    let below = items[child];
    const sibling = items[child + 1];
    if (here === undefined || below === undefined) return;
    if (child + 1 < end && sibling !== undefined && compare(below, sibling) < 0) {
      child += 1;
      below = sibling;
    }
    if (compare(here, below) >= 0) return;
    items[at] = below;
    items[child] = here;
    at = child;
  }
};

/** Heap sort in place (xen/include/xen/sort.h, sort). */
export const heapSort = <T>(items: T[], compare: Comparison<T>): void => {
  for (let start = Math.floor(items.length / 2) - 1; start >= 0; start--) siftDown(items, start, items.length, compare);
  for (let end = items.length - 1; end >= 0; end--) {
    const [largest] = items;
    const last = items[end];
    if (largest === undefined || last === undefined) return;
    items[0] = last;
    items[end] = largest;
    siftDown(items, 0, end, compare);
  }
};

/** The item that `compare` calls equal to the key, found by halving (xen/include/xen/bsearch.h, bsearch). */
export const binarySearch = <K, T>(key: K, items: readonly T[], compare: Comparison<K, T>): T | undefined => {
  let start = 0;
  let end = items.length;
  while (start < end) {
    const middle = start + Math.floor((end - start) / 2);
    const item = items[middle];
    if (item === undefined) return undefined;
    const order = compare(key, item);
    if (order === 0) return item;
    if (order < 0) end = middle;
    else start = middle + 1;
  }
  return undefined;
};
