// SPDX-License-Identifier: GPL-2.0-only
import { relative, sep } from 'node:path';
import type { CaseFiles } from '../engine/golden/layout.ts';
import type { GoldenText } from '../engine/golden/text.ts';
import { applicableTo } from './applicable.ts';
import type { Case, Corpus } from './corpus.ts';
import { readText, realPath } from './files.ts';
import { goldenBody, goldenHeader } from './outcome.ts';
import { type Choice, formatProblem, type LoadedTrace, type Session } from './session.ts';
import { replayFault } from './trace-fault.ts';

/** Why a case has no outcome. `defect`: hvreplay failed, not the input. */
export interface CaseError {
  readonly defect: boolean;
  /** Lines, each ending in a line feed. */
  readonly message: string;
}

export type CaseRun =
  | { readonly ok: true; readonly files: CaseFiles; readonly trace: LoadedTrace; readonly machine: string }
  | { readonly ok: false; readonly error: CaseError };

const MAX_GOLDEN_BYTES = 64 * 2 ** 20;

const inputError = (message: string): CaseRun => ({ ok: false, error: { defect: false, message } });

/** Folders of traces with links resolved: each case of a corpus asks. */
const ROOTS = new WeakMap<Corpus, string>();

const rootOf = (corpus: Corpus): string => {
  const known = ROOTS.get(corpus);
  if (known !== undefined) return known;
  const real = realPath(corpus.traces);
  const root = real.ok ? real.value : corpus.traces;
  ROOTS.set(corpus, root);
  return root;
};

const machineName = (corpus: Corpus, trace: LoadedTrace): string =>
  relative(rootOf(corpus), trace.machinePath).split(sep).join('/');

/** Which releases and proposals a case is replayed under. */
export interface Selection {
  /** Only these of those that apply; undefined: all. */
  readonly only?: readonly Choice[];
  /** Proposals that are to have a golden file, besides those that have one or that the trace names. */
  readonly add?: readonly Choice[];
  /** Timelines of the outcomes are wanted too. */
  readonly timelines?: boolean;
}

const proposalsOf = (
  session: Session,
  named: readonly Choice[],
  existing: ReadonlyMap<string, string>,
  add: readonly Choice[],
): readonly Choice[] => [
  ...named,
  ...session.model.proposals.filter(
    (choice) => !named.includes(choice) && (existing.has(choice.name) || add.includes(choice)),
  ),
];

const replayAll = (
  session: Session,
  it: Case,
  trace: LoadedTrace,
  machine: string,
  choices: readonly Choice[],
): ReadonlyMap<string, GoldenText> => {
  const outcomes = new Map<string, GoldenText>();
  for (const choice of choices) {
    const header = goldenHeader(trace, choice.name, it.traceName, machine);
    outcomes.set(choice.name, { header, body: goldenBody(session, trace, choice) });
  }
  return outcomes;
};

const runOrThrow = (session: Session, corpus: Corpus, it: Case, selection: Selection): CaseRun => {
  const trace = session.loadTrace(it.trace);
  if (!trace.ok) return inputError(trace.problems.map(formatProblem).join(''));
  const existing = new Map<string, string>();
  for (const [release, path] of corpus.goldenFiles.get(it.name) ?? []) {
    const text = readText(path, MAX_GOLDEN_BYTES);
    if (!text.ok) return inputError(`${path}: ${text.message}\n`);
    existing.set(release, text.value);
  }
  const applicable = applicableTo(session.model, trace.value);
  if (!applicable.ok) return inputError(applicable.problems.map(formatProblem).join(''));
  const { order } = applicable.value;
  const machine = machineName(corpus, trace.value);
  const proposals = proposalsOf(session, applicable.value.proposals, existing, selection.add ?? []);
  const choices = [...order, ...proposals].filter((choice) => selection.only?.includes(choice) ?? true);
  return {
    ok: true,
    trace: trace.value,
    machine,
    files: {
      order: order.map(({ name }) => name),
      proposals: proposals.map(({ name }) => name),
      existing,
      outcomes: replayAll(session, it, trace.value, machine, choices),
    },
  };
};

/** The stack down to this file: what called it depends on how the work is distributed. */
const whereItFailed = (error: unknown): string => {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split('\n');
  const here = lines.findIndex((line) => line.includes('runOrThrow'));
  return lines.slice(0, here < 0 ? undefined : here).join('\n');
};

/**
 * Replays one case of the corpus and reads its golden files. A defect of the model in one case is that case's error,
 * so that the others go on.
 */
export const runCase = (session: Session, corpus: Corpus, it: Case, selection: Selection): CaseRun => {
  try {
    return runOrThrow(session, corpus, it, selection);
  } catch (error) {
    const trace = session.model.faultOf(error) === undefined ? undefined : session.loadTrace(it.trace);
    const fault = trace?.ok ? replayFault(session.model, trace.value, error) : undefined;
    if (fault !== undefined) return inputError(fault);
    return { ok: false, error: { defect: true, message: `${it.trace}: internal error: ${whereItFailed(error)}\n` } };
  }
};
