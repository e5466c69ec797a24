// SPDX-License-Identifier: GPL-2.0-only
import { checkCase } from './case-report.ts';
import type { Selection } from './case-run.ts';
import type { Corpus } from './corpus.ts';
import { makeReport } from './reporters/report.ts';
import type { CaseReport, Report } from './reporters/report-schema.ts';
import { type Review, reviewCases } from './review.ts';
import type { Session } from './session.ts';

/** Compares every case of the corpus with its golden files. */
export const checkCases = (
  session: Session,
  corpus: Corpus,
  selection: Selection,
  progress: (done: number) => void,
): readonly CaseReport[] =>
  corpus.cases.map((it, index) => {
    progress(index);
    return checkCase(session, corpus, it, selection);
  });

/** The report of cases that were checked, whoever checked them. */
export const reportOn = (
  corpus: Corpus,
  checked: readonly CaseReport[],
  review: Review | undefined,
  shard: Report['shard'],
): Report => {
  const { cases, expectations } =
    review === undefined ? { cases: checked, expectations: [] } : reviewCases(checked, review);
  return makeReport({ cases: [...cases], strays: [...corpus.strays], expectations: [...expectations] }, shard);
};
