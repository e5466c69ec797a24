// SPDX-License-Identifier: GPL-2.0-only
import { readYaml, type YamlTree } from '../machine/yaml-tree.ts';
import type { Parsed } from '../trace/problem.ts';
import { ProblemList, quoted } from '../trace/problem-list.ts';

/** What every entry of a list of known differences says, whatever it is about. */
export interface Reviewed {
  readonly reason: string;
  /** Last day on which the entry holds, `YYYY-MM-DD`. */
  readonly until: string;
  /** Of the entry in its file. */
  readonly line: number;
}

/** Says what is wrong with an entry, or with the value of one of its keys. */
export type Complain = (message: string, key?: string) => void;

/** What the entries of a list are about. */
export interface EntryForm<T> {
  readonly keys: readonly string[];
  /** Reads the keys above; undefined: something is wrong, and was said. */
  read(entry: Readonly<Record<string, unknown>>, complain: Complain): T | undefined;
  /** Entries with the same text are about the same thing. */
  identify(own: T): string;
}

const DAY = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const SHORT_MONTHS: ReadonlyMap<string, number> = new Map(
  Object.entries({ '02': 28, '04': 30, '06': 30, '09': 30, '11': 30 }),
);

/** `YYYY-MM-DD` of a day that the calendar has. */
const isDay = (text: string): boolean => {
  const [, year, month = '', day] = DAY.exec(text) ?? [];
  if (day === undefined) return false;
  const isLeap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  return Number(day) <= (SHORT_MONTHS.get(month) ?? 31) + (month === '02' && isLeap ? 1 : 0);
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

const readEntry = <T>(
  form: EntryForm<T>,
  tree: YamlTree,
  entry: unknown,
  index: number,
  problems: ProblemList,
): (T & Reviewed) | undefined => {
  const path = ['known', index];
  const before = problems.count;
  const complain: Complain = (message, key) =>
    problems.add(() => tree.problem(key === undefined ? path : [...path, key], message));
  const keys = [...form.keys, 'reason', 'until'];
  if (!isRecord(entry)) {
    complain(`expected an entry with ${keys.join(', ')}`);
    return undefined;
  }
  for (const key of Object.keys(entry))
    if (!keys.includes(key)) problems.add(() => tree.problem(path, `unknown key ${quoted(key)}`, key));
  const own = form.read(entry, complain);
  const { reason, until } = entry;
  if (!isText(reason)) complain('reason: expected a sentence that says why');
  if (!isText(until) || !isDay(until)) complain('until: expected the last day on which the entry holds, YYYY-MM-DD');
  if (problems.count > before || own === undefined) return undefined;
  const { line = 1 } = tree.problem(path, '');
  return { ...own, reason: String(reason), until: String(until), line };
};

/** Reads YAML with one key, `known`, and a list. All that is wrong is reported at once. */
export const readReviewedList = <T>(text: string, form: EntryForm<T>): Parsed<readonly (T & Reviewed)[]> => {
  const problems = new ProblemList();
  const tree = readYaml(text, problems);
  if (tree === undefined) return { ok: false, problems: problems.list() };
  const list = isRecord(tree.value) && Object.keys(tree.value).length === 1 ? tree.value['known'] : undefined;
  if (!Array.isArray(list)) problems.add(() => tree.problem([], 'expected one key, known, with a list of entries'));
  const entries: (T & Reviewed)[] = [];
  const seen = new Set<string>();
  (Array.isArray(list) ? list : []).forEach((value: unknown, index) => {
    const entry = readEntry(form, tree, value, index, problems);
    if (entry === undefined) return;
    const key = form.identify(entry);
    if (seen.has(key)) problems.add(() => tree.problem(['known', index], 'the same is listed twice'));
    seen.add(key);
    entries.push(entry);
  });
  return problems.count > 0 ? { ok: false, problems: problems.list() } : { ok: true, value: entries };
};
