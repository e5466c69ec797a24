// SPDX-License-Identifier: GPL-2.0-only

/** One line of an answer file or of a replay. */
export interface Answer {
  readonly seq?: unknown;
  readonly final?: unknown;
  readonly undefined?: unknown;
  readonly rule?: unknown;
  readonly hw?: unknown;
  readonly [further: string]: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MAX_CHARS_SHOWN = 160;

const show = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, MAX_CHARS_SHOWN);

/**
 * What the replay says instead of numbers that only a run of Xen's code has. Where the size of a VF's BAR shares its
 * memory with a pointer, Xen prints that: another number in each run. And of a VF on a list whose memory is freed, Xen
 * prints what is left there: the answers were recorded with freed memory filled with 0x6b.
 */
const STANDS_FOR = [
  { got: 'heap-address', at: /\.vfBarSizes\[\d+\]$/, want: /^0x[0-9a-f]+$/ },
  { got: 'freed', at: /\.vfs\[\d+\]$/, want: /^6b6b:6b:0d\.3$/ },
];

const isSame = (want: unknown, got: unknown, at: string): boolean =>
  want === got ||
  (typeof want === 'string' && STANDS_FOR.some((word) => word.got === got && word.at.test(at) && word.want.test(want)));

const inList = (want: readonly unknown[], got: unknown, at: string): string | undefined => {
  if (!Array.isArray(got) || got.length !== want.length) return `${at}: want ${show(want)}, got ${show(got)}`;
  for (const [index, value] of want.entries()) {
    const found = difference(value, got[index], `${at}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
};

/**
 * The first place where `got` does not hold what `want` says: every key with the same value, lists with the same length
 * and order. Further keys of `got` do not matter.
 */
export const difference = (want: unknown, got: unknown, at = ''): string | undefined => {
  if (Array.isArray(want)) return inList(want, got, at);
  if (!isRecord(want)) return isSame(want, got, at) ? undefined : `${at}: want ${show(want)}, got ${show(got)}`;
  if (!isRecord(got)) return `${at}: want an object, got ${show(got)}`;
  for (const [key, value] of Object.entries(want)) {
    if (!Object.hasOwn(got, key)) return `${at}.${key}: missing, want ${show(value)}`;
    const found = difference(value, got[key], `${at}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The final state comes after all rows. */
const FINAL = Number.MAX_SAFE_INTEGER;

/** A row's number, counted from 1, or {@link FINAL}. */
const positionOf = ({ seq }: Answer): number => (typeof seq === 'number' ? seq : FINAL);

const nameOf = (position: number): string => (position === FINAL ? 'final state' : `row ${position}`);

/** Where answers leave defined behaviour. */
interface End {
  readonly position: number;
  /** Whether it is known to be exactly there, or can be later. */
  readonly exact: boolean;
  readonly rule: unknown;
}

/**
 * Answers end where Xen's code crashed or read freed memory: they say so, or they just stop without a final state, if
 * it crashed on the way to the next answer.
 */
const endOf = (answers: readonly Answer[]): End | undefined => {
  const last = answers.at(-1);
  if (last === undefined) return { position: 0, exact: false, rule: undefined };
  if (last.undefined === true) return { position: positionOf(last), exact: true, rule: last.rule };
  return last.final === true ? undefined : { position: positionOf(last) + 1, exact: false, rule: undefined };
};

const endDifference = (want: End | undefined, got: End | undefined): string | undefined => {
  const said = got === undefined ? 'defined to the end' : `undefined at ${nameOf(got.position)} by ${show(got.rule)}`;
  if (want === undefined) return got === undefined ? undefined : `want defined to the end, got ${said}`;
  const { position, exact } = want;
  if (got !== undefined && (exact ? got.position === position : got.position >= position)) return undefined;
  return `want undefined at ${nameOf(position)}${exact ? '' : ' or later'}, got ${said}`;
};

/** What an answer holds that the recorded one does not speak of, though it would if it were so. */
const surplus = (want: Answer | undefined, got: Answer, hwRecorded: boolean): string | undefined => {
  const { seq: _seq, final: _final, hw, ...rest } = got;
  if (want === undefined && Object.keys(rest).length > 0) return `: want no answer, got ${show(rest)}`;
  if (hwRecorded && hw !== undefined && want?.hw === undefined) return `.hw: want none, got ${show(hw)}`;
  return undefined;
};

export interface Comparison {
  /** Answers compared; leaving defined behaviour counts as one. */
  readonly compared: number;
  /** What differs, one text for each answer, led by its row. */
  readonly differences: readonly string[];
}

/** Compares recorded answers with those of a replay, row by row, up to where one of them leaves defined behaviour. */
export const compareAnswers = (want: readonly Answer[], got: readonly Answer[]): Comparison => {
  const [wantEnd, gotEnd] = [endOf(want), endOf(got)];
  const end = Math.min(wantEnd?.exact ? wantEnd.position : Infinity, gotEnd?.position ?? Infinity);
  const byPosition = (answers: readonly Answer[]): ReadonlyMap<number, Answer> =>
    new Map(answers.map((answer) => [positionOf(answer), answer] as const).filter(([position]) => position < end));
  const [wanted, given] = [byPosition(want), byPosition(got)];
  const hwRecorded = want.some((answer) => 'hw' in answer);
  const differences: string[] = [];
  const report = (position: number, found: string | undefined): void => {
    if (found !== undefined) differences.push(`${nameOf(position)}${found}`);
  };
  for (const [position, { seq: _seq, final: _final, ...answer }] of wanted)
    report(position, difference(answer, given.get(position) ?? {}));
  for (const [position, answer] of given) report(position, surplus(wanted.get(position), answer, hwRecorded));
  const ends = endDifference(wantEnd, gotEnd);
  if (ends !== undefined) differences.push(ends);
  return { compared: wanted.size + (wantEnd === undefined ? 0 : 1), differences };
};
