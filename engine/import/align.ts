// SPDX-License-Identifier: GPL-2.0-only

/** Places at which two recordings of one run say the same. */
export interface Pair {
  readonly a: number;
  readonly b: number;
}

/** A stretch of both sequences, ends exclusive. */
interface Stretch {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

/** Stretches whose lengths multiply to no more than this are paired as well as can be; longer ones are cut at anchors. */
const MAX_TABLE = 16_000_000;

/** Runs of this many sayings that are unique in a long stretch of both are anchors; where there are none, shorter runs. */
const RUNS = [6, 3, 1];

/** Where each run of `length` sayings begins that occurs once between `from` and `to`. */
const uniqueRuns = (
  sayings: readonly string[],
  from: number,
  to: number,
  length: number,
): ReadonlyMap<string, number> => {
  const places = new Map<string, number>();
  for (let at = from; at + length <= to; at++) {
    const run = length === 1 ? (sayings[at] ?? '') : sayings.slice(at, at + length).join('\n');
    places.set(run, places.has(run) ? -1 : at);
  }
  for (const [run, at] of places) if (at < 0) places.delete(run);
  return places;
};

/** The longest sequence of pairs that ascends in both; `pairs` ascends in `a`. */
const longestAscending = (pairs: readonly Pair[]): readonly Pair[] => {
  /** By length less one: the pair with the smallest `b` that ends a sequence of this length. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  pairs.forEach((pair, index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((pairs[ends[middle] ?? 0]?.b ?? 0) < pair.b) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? undefined : ends[low - 1];
    ends[low] = index;
  });
  const found: Pair[] = [];
  for (let at = ends.at(-1); at !== undefined; at = before[at]) {
    const pair = pairs[at];
    if (pair !== undefined) found.push(pair);
  }
  return found.reverse();
};

/** Runs that are unique in a stretch of both, the longest sequence of them that ascends. */
const sharedRuns = (
  a: readonly string[],
  b: readonly string[],
  { fromA, toA, fromB, toB }: Stretch,
  length: number,
): readonly Pair[] => {
  const runsOfB = uniqueRuns(b, fromB, toB, length);
  const shared: Pair[] = [];
  for (const [run, at] of uniqueRuns(a, fromA, toA, length)) {
    const other = runsOfB.get(run);
    if (other !== undefined) shared.push({ a: at, b: other });
  }
  return longestAscending(shared.sort((x, y) => x.a - y.a));
};

/** Whether two places may be the same although they say the same: their clocks may forbid it. */
export type MayPair = (a: number, b: number) => boolean;

class Aligner {
  readonly found: Pair[] = [];
  readonly #a: readonly string[];
  readonly #b: readonly string[];
  readonly #mayPair: MayPair;

  constructor(a: readonly string[], b: readonly string[], mayPair: MayPair) {
    this.#a = a;
    this.#b = b;
    this.#mayPair = mayPair;
  }

  #same(a: number, b: number): boolean {
    return this.#a[a] === this.#b[b] && this.#mayPair(a, b);
  }

  /** Pairs a stretch: its equal ends, then what is between its anchors. */
  pair(stretch: Stretch): void {
    let { fromA, toA, fromB, toB } = stretch;
    while (fromA < toA && fromB < toB && this.#same(fromA, fromB)) this.found.push({ a: fromA++, b: fromB++ });
    const tail: Pair[] = [];
    while (fromA < toA && fromB < toB && this.#same(toA - 1, toB - 1)) tail.push({ a: --toA, b: --toB });
    if (fromA < toA && fromB < toB) this.#pairInner({ fromA, toA, fromB, toB });
    for (const pair of tail.reverse()) this.found.push(pair);
  }

  #pairInner(stretch: Stretch): void {
    const { fromA, toA, fromB, toB } = stretch;
    if ((toA - fromA) * (toB - fromB) <= MAX_TABLE) {
      this.#pairByTable(stretch);
      return;
    }
    for (const length of RUNS) {
      const anchors = this.#anchors(stretch, length);
      if (anchors.length === 0) continue;
      let [a, b] = [fromA, fromB];
      for (const anchor of anchors) {
        if (anchor.a < a || anchor.b < b) continue;
        this.pair({ fromA: a, toA: anchor.a, fromB: b, toB: anchor.b });
        for (let step = 0; step < length; step++) this.found.push({ a: anchor.a + step, b: anchor.b + step });
        [a, b] = [anchor.a + length, anchor.b + length];
      }
      this.pair({ fromA: a, toA, fromB: b, toB });
      return;
    }
  }

  #anchors(stretch: Stretch, length: number): readonly Pair[] {
    return sharedRuns(this.#a, this.#b, stretch, length).filter(({ a, b }) => this.#mayPair(a, b));
  }

  /** Longest common subsequence. */
  #pairByTable({ fromA, toA, fromB, toB }: Stretch): void {
    const [rows, width] = [toA - fromA, toB - fromB + 1];
    /** Lengths of the common subsequences of the rests, row by row: at most 4000, the root of what a table may hold. */
    const table = new Uint16Array((rows + 1) * width);
    const lengthAt = (row: number, column: number): number => table[row * width + column] ?? 0;
    const same = (row: number, column: number): boolean => this.#same(fromA + row, fromB + column);
    for (let row = rows - 1; row >= 0; row--)
      for (let column = width - 2; column >= 0; column--)
        table[row * width + column] = same(row, column)
          ? lengthAt(row + 1, column + 1) + 1
          : Math.max(lengthAt(row + 1, column), lengthAt(row, column + 1));
    for (let row = 0, column = 0; row < rows && column < width - 1; )
      if (same(row, column)) this.found.push({ a: fromA + row++, b: fromB + column++ });
      else if (lengthAt(row + 1, column) >= lengthAt(row, column + 1)) row++;
      else column++;
  }
}

/** Runs of {@link RUNS} that are unique in the whole of both, the longest sequence that ascends: places beyond doubt. */
export const anchorsOf = (a: readonly string[], b: readonly string[]): readonly Pair[] =>
  sharedRuns(a, b, { fromA: 0, toA: a.length, fromB: 0, toB: b.length }, RUNS[0] ?? 1);

/**
 * Pairs of places at which two recordings of the same run say the same, both ascending; `a` and `b` are what each says,
 * in its order. Patience: what is unique in both anchors the rest, again and again between two anchors; a long stretch
 * without anchors is left unpaired.
 */
export const align = (a: readonly string[], b: readonly string[], mayPair: MayPair = () => true): readonly Pair[] => {
  const aligner = new Aligner(a, b, mayPair);
  aligner.pair({ fromA: 0, toA: a.length, fromB: 0, toB: b.length });
  return aligner.found;
};
