// SPDX-License-Identifier: GPL-2.0-only
import { EXIT, type ExitCode } from '../exit-code.ts';
import { type CaseReport, REPORT_VERSION, type Report, type Summary } from './report-schema.ts';

/** Text of a report. Pure: the same report gives the same bytes. */
export type Reporter = (report: Report, colour: boolean) => string;

const summarize = ({ cases, strays, expectations }: Parts): Summary => {
  const having = (...statuses: readonly CaseReport['status'][]): number =>
    cases.filter(({ status }) => statuses.includes(status)).length;
  return {
    cases: cases.length - having('skipped'),
    replays: cases.reduce((sum, { releases }) => sum + releases.length, 0),
    agree: having('agrees'),
    differ: having('differs'),
    known: having('known'),
    errors: having('error', 'defect'),
    defects: having('defect'),
    skipped: having('skipped'),
    strays: strays.length,
    expectations: expectations.length,
  };
};

/** What was found, in any order, by one or several runs. */
export type Parts = Pick<Report, 'cases' | 'strays' | 'expectations'>;

const by =
  <T>(keyOf: (item: T) => string) =>
  (a: T, b: T): number => {
    const [x, y] = [keyOf(a), keyOf(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };

/** Puts parts in their order, the same however the work was distributed, and sums up. */
export const makeReport = (parts: Parts, shard: Report['shard']): Report => {
  const ordered: Parts = {
    cases: parts.cases.toSorted(by(({ name }) => name)),
    strays: parts.strays.toSorted(by(({ path }) => path)),
    expectations: parts.expectations.toSorted(by((entry) => `${entry.case} ${entry.release}`)),
  };
  return {
    ...{ report: REPORT_VERSION, summary: summarize(ordered) },
    ...(shard === undefined ? {} : { shard }),
    ...ordered,
  };
};

/** Nothing to compare is an error of the caller, never a silent pass. */
export const exitCodeOf = ({ summary, shard }: Report): ExitCode => {
  if (summary.defects > 0) return EXIT.defect;
  if (summary.errors > 0 || (summary.cases === 0 && shard === undefined)) return EXIT.wrongInput;
  return summary.differ + summary.strays + summary.expectations > 0 ? EXIT.differs : EXIT.ok;
};
