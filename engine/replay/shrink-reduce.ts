// SPDX-License-Identifier: GPL-2.0-only

/** Whether the difference is still there with this in place of what was given. */
export type Holds<T> = (smaller: T) => boolean;

/** Two items at a time are left out of lists up to this long. */
const MAX_PAIRED = 48;

/** Left out by halves, quarters and so on, from the end, down to single items until none can be left out. */
const byParts = <T>(given: readonly T[], holds: Holds<readonly T[]>): readonly T[] => {
  let items = given;
  let size = Math.max(1, Math.ceil(items.length / 2));
  for (;;) {
    const before = items.length;
    for (let end = items.length; end > 0; end -= size) {
      const fewer = [...items.slice(0, Math.max(0, end - size)), ...items.slice(end)];
      if (holds(fewer)) items = fewer;
    }
    if (size === 1 && items.length === before) return items;
    size = Math.ceil(size / 2);
  }
};

/** Without the first pair that can only be left out together; undefined: there is none. */
const withoutPair = <T>(items: readonly T[], holds: Holds<readonly T[]>): readonly T[] | undefined => {
  if (items.length > MAX_PAIRED) return undefined;
  for (let late = items.length - 1; late > 0; late -= 1)
    for (let early = late - 1; early >= 0; early -= 1) {
      const fewer = items.filter((_, index) => index !== early && index !== late);
      if (holds(fewer)) return fewer;
    }
  return undefined;
};

/**
 * Delta debugging: a part of `items`, in their order, with which the difference holds, and of which no single item
 * can be left out; of short lists no two.
 */
export const fewestItems = <T>(items: readonly T[], holds: Holds<readonly T[]>): readonly T[] => {
  let least = byParts(items, holds);
  for (;;) {
    const fewer = withoutPair(least, holds);
    if (fewer === undefined) return least;
    least = byParts(fewer, holds);
  }
};

/**
 * A value no larger than this one: 0 or 1 if they do; else with as few bits as possible, the high ones gone first, and
 * then halved as often as possible.
 */
export const lowestNumber = (value: bigint, holds: Holds<bigint>): bigint => {
  for (const least of [0n, 1n]) {
    if (value <= least) return value;
    if (holds(least)) return least;
  }
  let now = value;
  let bit = 1n;
  while (bit * 2n <= now) bit *= 2n;
  for (; bit > 0n; bit /= 2n) {
    const isSet = (now / bit) % 2n === 1n;
    if (isSet && now - bit > 1n && holds(now - bit)) now -= bit;
  }
  while (now % 2n === 0n && now > 2n && holds(now / 2n)) now /= 2n;
  return now;
};

const NUMBER_TEXT = /^(?:0x[0-9a-f]{1,16}|\d{1,20})$/i;

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => Object.is(item, b[index]));

/**
 * The same for plain values: keys and items that are not needed go, the largest parts first, and numbers are lowered.
 * Parts that stay as they are are the same objects afterwards.
 */
export const smallestTree = (value: unknown, holds: Holds<unknown>): unknown => {
  if (Array.isArray(value)) {
    const given: readonly unknown[] = value;
    const kept = [...fewestItems(given, holds)];
    kept.forEach((_, index) => {
      kept[index] = smallestTree(kept[index], (item) => holds(kept.with(index, item)));
    });
    return isSame(kept, given) ? given : kept;
  }
  if (isMap(value)) {
    const entries = fewestItems(Object.entries(value), (fewer) => holds(Object.fromEntries(fewer)));
    const kept: Record<string, unknown> = Object.fromEntries(entries);
    for (const [key] of entries) kept[key] = smallestTree(kept[key], (item) => holds({ ...kept, [key]: item }));
    return isSame(Object.values(kept), Object.values(value)) ? value : kept;
  }
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0)
    return Number(lowestNumber(BigInt(value), (lower) => holds(Number(lower))));
  if (typeof value === 'string' && NUMBER_TEXT.test(value)) {
    const number = BigInt(value);
    const lowest = lowestNumber(number, (lower) => holds(`0x${lower.toString(16)}`));
    return lowest === number ? value : `0x${lowest.toString(16)}`;
  }
  if (value === true && holds(false)) return false;
  return value;
};
