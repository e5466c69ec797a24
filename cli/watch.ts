// SPDX-License-Identifier: GPL-2.0-only
import { relative, sep } from 'node:path';
import { CORPUS_MACHINES, type Corpus, type Discovered, EXPECTATIONS } from './corpus.ts';
import type { FileResult } from './files.ts';
import { makeReport } from './reporters/report.ts';
import type { CaseReport, Report } from './reporters/report-schema.ts';

/** What `check --watch` does, but for watching and printing. */
export interface Round {
  /** Cases that were checked again, in the report that stands for all. */
  readonly again: ReadonlySet<string>;
  readonly report: Report;
}

const within = (root: string, path: string): string | undefined => {
  const way = relative(root, path).split(sep).join('/');
  return way === '..' || way.startsWith('../') ? undefined : way;
};

/** Names of the cases that a change of these files may concern, among those of the corpus. */
export const affectedBy = (
  paths: readonly string[],
  corpus: Corpus,
  reports: ReadonlyMap<string, CaseReport>,
): ReadonlySet<string> => {
  const affected = new Set<string>();
  const traces = new Map(corpus.cases.map(({ traceName, name }) => [traceName, name]));
  for (const path of paths) {
    const [trace, golden] = [within(corpus.traces, path), within(corpus.golden, path)];
    const named = trace === undefined ? undefined : traces.get(trace);
    if (named !== undefined) affected.add(named);
    const [subject, name] = golden?.split('/') ?? [];
    if (golden !== EXPECTATIONS && subject !== undefined && name !== undefined) affected.add(`${subject}/${name}`);
    if (trace?.startsWith(CORPUS_MACHINES))
      for (const one of reports.values())
        if (one.machine === undefined || one.machine === trace) affected.add(one.name);
  }
  for (const { name } of corpus.cases) if (!reports.has(name)) affected.add(name);
  return new Set(corpus.cases.map(({ name }) => name).filter((name) => affected.has(name)));
};

/** What a watch asks of the rest of the program. */
export interface Looks {
  discover(): Discovered;
  check(corpus: Corpus): readonly CaseReport[];
  reportOn(corpus: Corpus, cases: readonly CaseReport[]): FileResult<Report>;
}

/**
 * Keeps the report of every case, and renews those that a change concerns. A round that fails, because what it needs
 * cannot be read at the moment, is made up for by the next one.
 */
export const makeWatch = (looks: Looks): ((paths: readonly string[]) => FileResult<Round>) => {
  const reports = new Map<string, CaseReport>();
  const waiting = new Set<string>();
  return (paths) => {
    for (const path of paths) waiting.add(path);
    const found = looks.discover();
    if (!found.ok) return found;
    const { corpus } = found;
    const again = affectedBy([...waiting], corpus, reports);
    for (const one of looks.check({ ...corpus, cases: corpus.cases.filter(({ name }) => again.has(name)) }))
      reports.set(one.name, one);
    const names = new Set(corpus.cases.map(({ name }) => name));
    for (const name of reports.keys()) if (!names.has(name)) reports.delete(name);
    const report = looks.reportOn(corpus, [...reports.values()]);
    if (!report.ok) return report;
    waiting.clear();
    return { ok: true, value: { again, report: report.value } };
  };
};

/** Of a round: only the cases that were checked again. */
export const onlyAgain = ({ again, report }: Round): Report =>
  makeReport({ ...report, cases: report.cases.filter(({ name }) => again.has(name)) }, undefined);
