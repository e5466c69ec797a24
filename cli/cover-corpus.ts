// SPDX-License-Identifier: GPL-2.0-only
import { type Coverage, type CoverageRun, measureCoverage } from '../engine/replay/coverage.ts';
import { applicableTo } from './applicable.ts';
import type { Corpus } from './corpus.ts';
import { type Choice, formatProblem, type LoadedTrace, type Session } from './session.ts';

export type CorpusCoverage =
  | { readonly ok: true; readonly coverage: Coverage }
  | { readonly ok: false; readonly message: string };

const runOf = (trace: LoadedTrace, choice: Choice): CoverageRun => ({
  trace: trace.path,
  release: choice.name,
  replay: (trail) => {
    for (const _line of choice.replay({ machine: trace.machine, logging: 'off', trail }, trace.events)) {
      // Only the trail is of interest.
    }
  },
});

/** Every trace under every release and proposal that it is meant for, or what is wrong with the traces. */
const planRuns = (session: Session, corpus: Corpus): readonly CoverageRun[] | string => {
  const faults = new Set<string>();
  const runs = corpus.cases.flatMap(({ trace }) => {
    const loaded = session.loadTrace(trace);
    const applicable = loaded.ok ? applicableTo(session.model, loaded.value) : loaded;
    if (!loaded.ok || !applicable.ok) {
      for (const problem of applicable.ok ? [] : applicable.problems) faults.add(formatProblem(problem).trimEnd());
      return [];
    }
    const { order, proposals } = applicable.value;
    return [...order, ...proposals].map((choice) => runOf(loaded.value, choice));
  });
  if (faults.size > 0) return [...faults].join('\n');
  return runs.length === 0 ? 'no trace; nothing was replayed' : runs;
};

/** Which rules the corpus exercises, in all releases and proposals that its traces are meant for. */
export const coverCorpus = (session: Session, corpus: Corpus): CorpusCoverage => {
  const runs = planRuns(session, corpus);
  if (typeof runs === 'string') return { ok: false, message: runs };
  try {
    return { ok: true, coverage: measureCoverage(runs) };
  } catch (error) {
    const fault = session.model.faultOf(error);
    if (fault === undefined) throw error;
    return { ok: false, message: fault.message };
  }
};
