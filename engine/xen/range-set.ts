// SPDX-License-Identifier: GPL-2.0-only

/** Frames `first` to `last`, both included. */
export interface FrameRange {
  first: number;
  last: number;
}

/**
 * How a range is taken out that begins in a gap and ends in a later range: `exact`, or `stretching`, where the range
 * before the gap grows up to it (rangeset_remove_range before e118fc98e7).
 */
export type RangeRemoval = 'exact' | 'stretching';

/** A set of frames as ascending ranges that do not overlap (xen/common/rangeset.c). */
export class RangeSet {
  private ranges: FrameRange[] = [];
  private readonly removal: RangeRemoval;

  constructor(removal: RangeRemoval) {
    this.removal = removal;
  }

  isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  clear(): void {
    if (this.ranges.length > 0) this.ranges = [];
  }

  list(): readonly Readonly<FrameRange>[] {
    return this.ranges;
  }

  /** Index of the first range that ends at or after `frame`. */
  private indexFrom(frame: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.ranges[middle]?.last ?? 0) < frame) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds `first` to `last` (rangeset_add_range). */
  add(first: number, last: number): void {
    const from = this.indexFrom(first - 1);
    let to = from;
    let start = first;
    let end = last;
    for (let range = this.ranges[to]; range !== undefined && range.first <= last + 1; range = this.ranges[++to]) {
      start = Math.min(start, range.first);
      end = Math.max(end, range.last);
    }
    this.ranges.splice(from, to - from, { first: start, last: end });
  }

  /** Takes `first` to `last` out (rangeset_remove_range). True when that changed the set. */
  remove(first: number, last: number): boolean {
    const from = this.indexFrom(first);
    const after = this.ranges[from];
    if (after === undefined || after.first > last) return false;
    const before = this.ranges[from - 1];
    if (this.removal === 'stretching' && before !== undefined && after.first > first) before.last = first - 1;
    let to = from;
    const kept: FrameRange[] = [];
    for (let range = this.ranges[to]; range !== undefined && range.first <= last; range = this.ranges[++to]) {
      if (range.first < first) kept.push({ first: range.first, last: first - 1 });
      if (range.last > last) kept.push({ first: last + 1, last: range.last });
    }
    this.ranges.splice(from, to - from, ...kept);
    return true;
  }

  /** Whether all of `first` to `last` is in the set (rangeset_contains_range). */
  contains(first: number, last: number): boolean {
    const range = this.ranges[this.indexFrom(first)];
    return range !== undefined && range.first <= first && range.last >= last;
  }

  /** The first range that ends at or after `frame`, or undefined. */
  from(frame: number): Readonly<FrameRange> | undefined {
    return this.ranges[this.indexFrom(frame)];
  }

  /** The lowest range, or undefined. */
  lowest(): Readonly<FrameRange> | undefined {
    return this.ranges[0];
  }

  /** Drops the `count` lowest frames of the lowest range (rangeset_consume_ranges). */
  consume(count: number): void {
    const range = this.ranges[0];
    if (range === undefined) return;
    range.first += count;
    if (range.first > range.last) this.ranges.shift();
  }
}
