// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import { type Expectation, readExpectations } from '../engine/replay/expectations.ts';
import { describeDifference } from './case-report.ts';
import { allChoices, unknownName } from './choices.ts';
import { type Corpus, EXPECTATIONS } from './corpus.ts';
import { type FileResult, IS_NO_FILE, pathKind, readText } from './files.ts';
import { formatProblem, type InputProblem } from './input-problem.ts';
import type { CaseReport, FindingReport, Report } from './reporters/report-schema.ts';
import type { Model } from './session.ts';

const MAX_BYTES = 16 * 2 ** 20;

type FailedExpectation = Report['expectations'][number];

/** The corpus' list of differences that were looked into, and what it is held against. */
export interface Review {
  readonly file: string;
  readonly entries: readonly Expectation[];
  /** `YYYY-MM-DD`. */
  readonly today: string;
  /** Releases that were selected; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Whether a case exists; undefined: only the cases at hand are of interest. */
  readonly exists: ((name: string) => boolean) | undefined;
}

const wrongList = (problems: readonly InputProblem[]): { readonly ok: false; readonly message: string } => ({
  ok: false,
  message: `the list of expectations is wrong\n${problems.map(formatProblem).join('').trimEnd()}`,
});

/** Reads the list; undefined: the corpus has none. */
export const loadReview = (
  corpus: Corpus,
  only: readonly string[] | undefined,
  today: string,
  model: Pick<Model, 'series' | 'proposals'>,
): FileResult<Review | undefined> => {
  const file = join(corpus.golden, EXPECTATIONS);
  const kind = pathKind(file);
  if (kind === 'absent') return { ok: true, value: undefined };
  if (kind === 'other') return { ok: false, message: `${file}: ${IS_NO_FILE}` };
  const text = readText(file, MAX_BYTES);
  if (!text.ok) return { ok: false, message: `${file}: ${text.message}` };
  const entries = readExpectations(text.value);
  if (!entries.ok) {
    return wrongList(entries.problems.map((problem) => ({ ...problem, file })));
  }
  const names = allChoices(model).map(({ name }) => name);
  const unknown = entries.value.filter(({ release }) => !names.includes(release));
  if (unknown.length > 0)
    return wrongList(
      unknown.map(({ line, release }) => ({
        ...{ file, line, column: undefined },
        message: `${unknownName('release', release, names)}; expected one in each entry`,
      })),
    );
  const exists = corpus.isWhole ? (name: string) => corpus.goldenFiles.has(name) : undefined;
  return { ok: true, value: { file, entries: entries.value, today, only, exists } };
};

const matches = (entry: Expectation, { kind, releases, outcome }: FindingReport): boolean =>
  kind === 'differs' && releases.includes(entry.release) && (entry.outcome === undefined || entry.outcome === outcome);

/** A part of a finding: some of its releases, which an entry knows or none does. */
const narrow = (
  finding: FindingReport,
  releases: readonly string[],
  entry: Expectation | undefined,
): FindingReport => ({
  ...finding,
  releases: [...releases],
  message: describeDifference({ ...finding, releases: [...releases] }),
  ...(finding.diff === undefined
    ? {}
    : { diff: finding.diff.replace(/(?<=^\+\+\+ .* under ).*$/m, releases[0] ?? '') }),
  ...(entry === undefined ? {} : { known: { reason: entry.reason, until: entry.until } }),
});

/** A finding, taken apart where entries know it under some releases only. */
const reviewFinding = (finding: FindingReport, valid: readonly Expectation[]): readonly FindingReport[] => {
  const own = valid.filter((entry) => matches(entry, finding));
  if (own.length === 0) return [finding];
  const parts = new Map<string, { entry: Expectation | undefined; releases: string[] }>();
  for (const release of finding.releases) {
    const entry = own.find((one) => one.release === release);
    const key = entry === undefined ? '' : JSON.stringify([entry.reason, entry.until]);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, { entry, releases: [release] });
    else part.releases.push(release);
  }
  return [...parts.values()].map(({ entry, releases }) => narrow(finding, releases, entry));
};

/** Why an entry about a case that was checked fails; undefined: it holds, or nothing can be said. */
const objection = (entry: Expectation, one: CaseReport, { today, only }: Review): string | undefined => {
  if (entry.until < today) return `expired on ${entry.until}: look into it again`;
  if (one.error !== undefined || (only !== undefined && !only.includes(entry.release))) return undefined;
  if (!one.releases.includes(entry.release)) return 'the release does not apply to the case';
  if (one.findings.some((finding) => matches(entry, finding))) return undefined;
  const other = one.findings.find(({ kind, releases }) => kind === 'differs' && releases.includes(entry.release));
  if (other !== undefined) return `the outcome is another than the one that is expected: ${other.outcome}`;
  return 'does not apply any more, the outcome is golden; remove the entry';
};

/** Cases with their known differences marked, and entries of the list that fail. */
export const reviewCases = (
  cases: readonly CaseReport[],
  review: Review,
): { readonly cases: readonly CaseReport[]; readonly expectations: readonly FailedExpectation[] } => {
  const { file, entries, today, exists } = review;
  const valid = new Map<string, Expectation[]>();
  for (const entry of entries) {
    if (entry.until < today) continue;
    const own = valid.get(entry.case);
    if (own === undefined) valid.set(entry.case, [entry]);
    else own.push(entry);
  }
  const reviewed = cases.map((one): CaseReport => {
    const own = valid.get(one.name) ?? [];
    if (own.length === 0 || one.status !== 'differs') return one;
    const findings = one.findings.flatMap((finding) => reviewFinding(finding, own));
    return { ...one, findings, status: findings.every(({ known }) => known !== undefined) ? 'known' : 'differs' };
  });
  const byName = new Map(cases.map((one) => [one.name, one]));
  const expectations = entries.flatMap((entry): FailedExpectation[] => {
    const one = byName.get(entry.case);
    const unknown =
      exists?.(entry.case) === false ? 'the corpus has no such case, or it has no golden files' : undefined;
    const message = one === undefined ? unknown : objection(entry, one, review);
    if (message === undefined) return [];
    const { line, release, reason, until } = entry;
    return [{ file, line, case: entry.case, release, reason, until, message: `${entry.case}, ${release}: ${message}` }];
  });
  return { cases: reviewed, expectations };
};
