// SPDX-License-Identifier: GPL-2.0-only
import { checkCase } from './case-report.ts';
import type { Selection } from './case-run.ts';
import type { Corpus } from './corpus.ts';
import { makeReport } from './reporters/report.ts';
import type { Report } from './reporters/report-schema.ts';
import type { Session } from './session.ts';

/** Compares every case of the corpus with its golden files. */
export const checkCorpus = (
  session: Session,
  corpus: Corpus,
  selection: Selection,
  progress: (done: number) => void,
  shard?: Report['shard'],
): Report => {
  const cases = corpus.cases.map((it, index) => {
    progress(index);
    return checkCase(session, corpus, it, selection);
  });
  return makeReport({ cases, strays: [...corpus.strays], expectations: [] }, shard);
};
