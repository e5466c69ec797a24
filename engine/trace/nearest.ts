// SPDX-License-Identifier: GPL-2.0-only

/** Longer names are no typing error of a known one. */
const MAX_NAME_CHARS = 64;

/** `dom` is what `domain` was meant to be, rather than `domid`. */
const MIN_BEGINNING = 3;

/** Better than two typing errors, worse than one. */
const BEGINNING_DISTANCE = 1.5;

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
export const editDistance = (a: string, b: string): number => {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
};

/**
 * The known name that `name` was probably meant to be: the same but for case, the last part of a name with dots or
 * dashes, one typing error away, one that `name` begins with, or few errors away (one in three characters).
 * undefined: none is near.
 */
export const nearest = (name: string, known: Iterable<string>): string | undefined => {
  if (name === '' || name.length > MAX_NAME_CHARS) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    if (lower === wanted || lower.endsWith(`.${wanted}`) || lower.endsWith(`-${wanted}`)) return candidate;
    const isBeginning = lower.length >= MIN_BEGINNING && wanted.startsWith(lower);
    if (!isBeginning && Math.abs(lower.length - wanted.length) >= bestDistance) continue;
    const distance = Math.min(editDistance(wanted, lower), isBeginning ? BEGINNING_DISTANCE : bestDistance);
    if (distance < bestDistance && distance < lower.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
};

/** `; did you mean X?` to end an error message with, or nothing. */
export const didYouMean = (name: string, known: Iterable<string>): string => {
  const near = nearest(name, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
};
