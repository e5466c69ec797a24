// SPDX-License-Identifier: GPL-2.0-only
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { type Fact, parseFact } from './fact.ts';
import { diffSequences, MAX_EDITS } from './sequences.ts';

/** One fact that two outcomes disagree about. Without `want` it is new, without `got` it is gone. */
export interface Difference {
  /** The fact's key as the golden file has it. */
  readonly key: string;
  /** The event whose answer, or after which the state, differs; undefined: the final state. */
  readonly event: number | undefined;
  /** The event's operation, where an answer differs. */
  readonly op: string | undefined;
  readonly device: string | undefined;
  readonly domain: string | undefined;
  /** `answer`, `p2m`, `bar 0`, `hardware command`, … */
  readonly field: string;
  readonly want: string | undefined;
  readonly got: string | undefined;
}

const NOTED = /^\[state after event (\d+): (.*)\]$/;

/** What a line states; headings are in brackets, and state what a checkpoint's row notes at most. */
const factOf = (line: string): Fact | undefined => {
  if (!line.startsWith('[')) return parseFact(line);
  const [, seq, value] = NOTED.exec(line) ?? [];
  return value === undefined ? undefined : { key: `after event ${seq} note`, value };
};

const EVENT = /^event (\d+) (\S+)(?:.*? -> (.+)|.*)$/;
const STATE = /^(?:final|after event (\d+)) (?:(device|domain|p2m) (\S+)(?: (.+))?|(.+))$/;

type Subject = Omit<Difference, 'key' | 'want' | 'got'>;

const NOTHING = { event: undefined, op: undefined, device: undefined, domain: undefined };

const numberOrNone = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** What a fact of this key is about. */
export const subjectOfKey = (key: string): Subject => {
  const event = EVENT.exec(key);
  if (event !== null) {
    const [, seq, op, further] = event;
    return { ...NOTHING, event: numberOrNone(seq), op, field: further ?? 'answer' };
  }
  const state = STATE.exec(key);
  if (state === null) return { ...NOTHING, field: key };
  const [, seq, kind, name, field, other] = state;
  const at = { ...NOTHING, event: numberOrNone(seq) };
  if (kind === 'device') return { ...at, device: name, field: field ?? 'device' };
  if (kind === 'p2m') return { ...at, domain: name, field: 'p2m' };
  if (kind === 'domain') return { ...at, domain: name, field: field ?? 'domain' };
  return { ...at, field: other ?? key };
};

/** The lines of only the one, and of only the other text, in order. */
const changedFacts = (
  want: string,
  got: string,
): { readonly gone: readonly Fact[]; readonly come: readonly Fact[] } => {
  const changes = diffSequences(want.split('\n'), got.split('\n'));
  const facts = (lines: readonly string[]): Fact[] => lines.map(factOf).filter((fact) => fact !== undefined);
  return {
    gone: changes.filter((change) => change.removed).flatMap((change) => facts(change.value)),
    come: changes.filter((change) => change.added).flatMap((change) => facts(change.value)),
  };
};

/**
 * What two golden bodies disagree about, fact by fact: those of `want` in its order, each with what `got` says under
 * the same key, then what only `got` says.
 */
export const differences = (want: string, got: string): readonly Difference[] => {
  const { gone, come } = changedFacts(want, got);
  const byKey = new Map<string, string[]>();
  for (const fact of come) {
    const values = byKey.get(fact.key);
    if (values === undefined) byKey.set(fact.key, [fact.value]);
    else values.push(fact.value);
  }
  const all: Difference[] = gone.map(({ key, value }) => ({
    ...subjectOfKey(key),
    key,
    want: value,
    got: byKey.get(key)?.shift(),
  }));
  for (const [key, values] of byKey)
    for (const value of values) all.push({ ...subjectOfKey(key), key, want: undefined, got: value });
  return all;
};

/** `event 2 physdev.pci_device_add: -ENODEV, was 0`: a difference as one line. */
export const formatDifference = ({ key, want, got }: Pick<Difference, 'key' | 'want' | 'got'>): string => {
  if (want === undefined) return `${key}: ${got}, was not there`;
  if (got === undefined) return `${key}: gone, was ${want}`;
  return `${key}: ${got}, was ${want}`;
};

/** What a difference is about, without the numbers of this one case: what the same cause shows in other cases too. */
export const kindOf = (difference: Difference): string => {
  if (difference.op !== undefined)
    return difference.field === 'answer' ? difference.op : `${difference.op} ${difference.field}`;
  if (difference.device !== undefined) return `device ${difference.field.replace(/\d+/g, 'n')}`;
  if (difference.domain !== undefined) return difference.field === 'p2m' ? 'p2m' : `domain ${difference.field}`;
  return difference.field;
};

/** A unified diff with three lines of context; empty when the texts are equal. */
export const unifiedDiff = (wantName: string, gotName: string, want: string, got: string): string => {
  if (want === got) return '';
  const patch = createTwoFilesPatch(wantName, gotName, want, got, undefined, undefined, {
    context: 3,
    maxEditLength: MAX_EDITS,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return patch ?? `--- ${wantName}\n+++ ${gotName}\n@@ more than ${MAX_EDITS} lines differ @@\n`;
};
