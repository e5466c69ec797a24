// SPDX-License-Identifier: GPL-2.0-only

/** Frames `first` to `last`, both included. */
export interface Frames {
  readonly first: number;
  readonly last: number;
}

/** What is left of `whole` without all of `others`, ascending. */
export const without = (whole: Frames, others: Iterable<Frames>): readonly Frames[] => {
  let left: readonly Frames[] = [whole];
  for (const other of others) left = left.flatMap((one) => cutOut(one, other));
  return left;
};

const cutOut = (one: Frames, other: Frames): readonly Frames[] => {
  if (other.first > one.last || other.last < one.first) return [one];
  return [
    ...(other.first > one.first ? [{ first: one.first, last: other.first - 1 }] : []),
    ...(other.last < one.last ? [{ first: other.last + 1, last: one.last }] : []),
  ];
};

/** What two have in common. */
export const overlap = (a: Frames, b: Frames): Frames | undefined => {
  const [first, last] = [Math.max(a.first, b.first), Math.min(a.last, b.last)];
  return first <= last ? { first, last } : undefined;
};
