// SPDX-License-Identifier: GPL-2.0-only
import { compareCase } from '../engine/golden/layout.ts';
import { runCase, type Selection } from './case-run.ts';
import type { Case, Corpus } from './corpus.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type CaseReport, type Report, summarize } from './reporters/report.ts';
import type { Session } from './session.ts';

const checkCase = (session: Session, corpus: Corpus, it: Case, selection: Selection): CaseReport | undefined => {
  const run = runCase(session, corpus, it, selection);
  const common = { name: it.name, trace: it.trace, goldenFolder: `${corpus.golden}/${it.name}` };
  if (!run.ok) return { ...common, findings: [], error: run.error, replays: 0 };
  const { files } = run;
  if (files.outcomes.size === 0) return undefined;
  return { ...common, findings: compareCase(files), error: undefined, replays: files.outcomes.size };
};

/**
 * Compares every case of the corpus with its golden files. Cases to which none of the selected releases applies are
 * left out of the report.
 */
export const checkCorpus = (
  session: Session,
  corpus: Corpus,
  selection: Selection,
  progress: (done: number) => void,
): Report => {
  const cases: CaseReport[] = [];
  corpus.cases.forEach((it, index) => {
    progress(index);
    const report = checkCase(session, corpus, it, selection);
    if (report !== undefined) cases.push(report);
  });
  return { cases, strays: corpus.strays, summary: summarize(cases, corpus.strays) };
};

/** Nothing to compare is an error of the caller, never a silent pass. */
export const exitCodeOf = ({ summary }: Report): ExitCode => {
  if (summary.defects > 0) return EXIT.defect;
  if (summary.errors > 0 || summary.cases === 0) return EXIT.wrongInput;
  return summary.differ > 0 || summary.strays > 0 ? EXIT.differs : EXIT.ok;
};
