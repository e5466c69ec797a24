// SPDX-License-Identifier: GPL-2.0-only
import type { MayPair, Pair } from './align.ts';

/** How far two clocks may be apart, in ns of the second one, where nothing says that one of them stood still. */
const SLACK = 250_000_000;

/** A moment that both clocks have seen. */
interface Moment {
  readonly a: number;
  readonly b: number;
}

const isNumber = (value: number): boolean => !Number.isNaN(value);

/** Anchors on each side that an anchor is held against. */
const NEIGHBOURS = 50;

/** How far an anchor may be from what its neighbours say before it counts as chance, in ns of the second clock. */
const MAX_JUMP = 1_000_000_000;

const median = (values: readonly number[]): number | undefined =>
  [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)];

/**
 * Without those that are the same by chance: they disagree with the ones before them and with the ones after them. A
 * clock that stood still disagrees with one side only.
 */
const beyondDoubt = (moments: readonly Moment[], rate: number): readonly Moment[] => {
  const offsets = moments.map(({ a, b }) => b - rate * a);
  return moments.filter((_, at) => {
    const offset = offsets[at] ?? 0;
    const sides = [offsets.slice(Math.max(0, at - NEIGHBOURS), at), offsets.slice(at + 1, at + 1 + NEIGHBOURS)];
    return sides.some((side) => Math.abs((median(side) ?? offset) - offset) <= MAX_JUMP);
  });
};

/** Ns of clock `b` in one of clock `a`, from places that are not at the ends, where there may be chance ones. */
const rateOf = (moments: readonly Moment[]): number | undefined => {
  const early = moments[Math.floor(moments.length / 20)];
  const late = moments[Math.floor((19 * moments.length) / 20)];
  if (early === undefined || late === undefined || late.a <= early.a) return undefined;
  return (late.b - early.b) / (late.a - early.a);
};

/** The last moment at or before `time` by clock `a`; 0 if there is none. */
const indexBefore = (moments: readonly Moment[], time: number): number => {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((moments[middle]?.a ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
};

/**
 * Whether two records of different clocks can be of the same moment. Clock `b` is told from clock `a` between the two
 * nearest places that are the same beyond doubt; where one clock stood still in between, it may be off by as much.
 */
export const compareClocks = (
  anchors: readonly Pair[],
  timesOfA: readonly (bigint | undefined)[],
  timesOfB: readonly (bigint | undefined)[],
): MayPair => {
  // Distances of seconds to days in ns: exact enough as numbers.
  const [originA, originB] = [timesOfA.find((time) => time !== undefined), timesOfB.find((time) => time !== undefined)];
  if (originA === undefined || originB === undefined) return () => true;
  const since = (origin: bigint) => (time: bigint | undefined) =>
    time === undefined ? Number.NaN : Number(time - origin);
  const [a, b] = [timesOfA.map(since(originA)), timesOfB.map(since(originB))];
  const all = anchors
    .map((pair) => ({ a: a[pair.a] ?? Number.NaN, b: b[pair.b] ?? Number.NaN }))
    .filter((moment) => isNumber(moment.a) && isNumber(moment.b));
  const rate = rateOf(all);
  const moments = rate === undefined ? [] : beyondDoubt(all, rate);
  const [first] = moments;
  if (first === undefined || rate === undefined) return () => true;
  return (placeA, placeB) => {
    const [timeA, timeB] = [a[placeA] ?? Number.NaN, b[placeB] ?? Number.NaN];
    if (Number.isNaN(timeA) || Number.isNaN(timeB)) return true;
    const index = indexBefore(moments, timeA);
    const before = moments[index] ?? first;
    const after = moments[index + 1] ?? before;
    const passed = after.a - before.a;
    const local = passed > 0 && timeA >= before.a ? (after.b - before.b) / passed : rate;
    const stoodStill = Math.abs(after.b - before.b - rate * passed);
    return Math.abs(before.b + local * (timeA - before.a) - timeB) <= SLACK + stoodStill;
  };
};
