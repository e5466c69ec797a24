// SPDX-License-Identifier: GPL-2.0-only
import { readYaml, type YamlTree } from '../machine/yaml-tree.ts';
import type { Parsed } from '../trace/problem.ts';
import { ProblemList, quoted } from '../trace/problem-list.ts';
import type { Finding } from './conform.ts';
import type { Divergence } from './recorded.ts';

/** A divergence that somebody looked into and explained, as a list beside the trace has it. */
export interface KnownDivergence {
  readonly seq: number;
  readonly what: Divergence['what'];
  readonly reason: string;
  /** Last day on which the entry holds, `YYYY-MM-DD`. */
  readonly until: string;
  /** The entry only is about this release; undefined: about every one. */
  readonly release: string | undefined;
}

const KEYS = ['seq', 'what', 'reason', 'until', 'release'];
const WHAT: readonly Divergence['what'][] = ['ret', 'value', 'end'];
const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

const readEntry = (
  tree: YamlTree,
  entry: unknown,
  index: number,
  problems: ProblemList,
): KnownDivergence | undefined => {
  const path = ['known', index];
  const before = problems.count;
  const wrong = (message: string, key?: string): void =>
    problems.add(() => tree.problem(key === undefined ? path : [...path, key], message));
  if (!isRecord(entry)) {
    wrong('expected an entry with seq, what, reason and until');
    return undefined;
  }
  for (const key of Object.keys(entry))
    if (!KEYS.includes(key)) problems.add(() => tree.problem(path, `unknown key ${quoted(key)}`, key));
  const { seq, what, reason, until, release } = entry;
  const known = WHAT.find((one) => one === what);
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0) wrong('seq: expected the number of an event');
  if (known === undefined) wrong(`what: expected one of ${WHAT.join(', ')}`);
  if (!isText(reason)) wrong('reason: expected a sentence that says why');
  if (!isText(until) || !DAY.test(until)) wrong('until: expected the last day on which the entry holds, YYYY-MM-DD');
  if (release !== undefined && !isText(release)) wrong('release: expected the name of a release');
  if (problems.count > before || known === undefined) return undefined;
  return {
    ...{ seq: Number(seq), what: known, reason: String(reason), until: String(until) },
    release: release === undefined ? undefined : String(release),
  };
};

/** Reads a list of known divergences: YAML, one key `known` with a list. All that is wrong is reported at once. */
export const readKnown = (text: string): Parsed<readonly KnownDivergence[]> => {
  const problems = new ProblemList();
  const tree = readYaml(text, problems);
  if (tree === undefined) return { ok: false, problems: problems.list() };
  const list = isRecord(tree.value) && Object.keys(tree.value).length === 1 ? tree.value['known'] : undefined;
  if (!Array.isArray(list)) problems.add(() => tree.problem([], 'expected one key, known, with a list of divergences'));
  const entries: KnownDivergence[] = [];
  const seen = new Set<string>();
  (Array.isArray(list) ? list : []).forEach((value: unknown, index) => {
    const entry = readEntry(tree, value, index, problems);
    if (entry === undefined) return;
    const key = `${entry.seq} ${entry.what} ${entry.release ?? ''}`;
    if (seen.has(key)) problems.add(() => tree.problem(['known', index], 'the same divergence is listed twice'));
    seen.add(key);
    entries.push(entry);
  });
  return problems.count > 0 ? { ok: false, problems: problems.list() } : { ok: true, value: entries };
};

/** Findings held against a list. */
export interface Explained {
  /** Those that the list does not have. */
  readonly unexplained: readonly Finding[];
  readonly explained: readonly { readonly finding: Finding; readonly entry: KnownDivergence }[];
  /** Entries whose divergence did not occur. */
  readonly gone: readonly KnownDivergence[];
  /** Entries past their day, occurring or not. */
  readonly expired: readonly KnownDivergence[];
}

/** `today`: `YYYY-MM-DD`. An expired entry explains nothing. */
export const explainFindings = (
  findings: readonly Finding[],
  known: readonly KnownDivergence[],
  release: string,
  today: string,
): Explained => {
  const applicable = known.filter((entry) => entry.release === undefined || entry.release === release);
  const expired = applicable.filter(({ until }) => until < today);
  const valid = applicable.filter((entry) => !expired.includes(entry));
  const byKey = new Map(valid.map((entry) => [`${entry.seq} ${entry.what}`, entry]));
  const unexplained: Finding[] = [];
  const explained: { finding: Finding; entry: KnownDivergence }[] = [];
  for (const finding of findings) {
    const entry = byKey.get(`${finding.seq} ${finding.what}`);
    if (entry === undefined) unexplained.push(finding);
    else explained.push({ finding, entry });
  }
  const used = new Set(explained.map(({ entry }) => entry));
  return { unexplained, explained, gone: valid.filter((entry) => !used.has(entry)), expired };
};
