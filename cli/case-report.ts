// SPDX-License-Identifier: GPL-2.0-only
import { type Difference, unifiedDiff } from '../engine/golden/diff.ts';
import { type Edited, isTraceEdited } from '../engine/golden/edited.ts';
import { type CaseFiles, compareCase, type Finding } from '../engine/golden/layout.ts';
import type { Trail } from '../engine/xen/state.ts';
import { outcomesOf } from './case-outcomes.ts';
import { runCase, type Selection } from './case-run.ts';
import { allChoices } from './choices.ts';
import type { Case, Corpus } from './corpus.ts';
import { sha256 } from './files.ts';
import { type ChangeCause, changeCause } from './golden-reason.ts';
import type { CaseReport, FindingReport, FirstDifference } from './reporters/report-schema.ts';
import type { Choice, LoadedTrace, Session } from './session.ts';
import { releaseSpan } from './text.ts';

/** So many hex digits name an outcome. */
const OUTCOME_DIGITS = 16;

/** That the outcome under these releases is not what a golden file says, after what may be all that is behind it. */
export const describeDifference = ({
  releases,
  golden,
  edited,
}: Pick<FindingReport, 'releases' | 'golden' | 'edited'>): string => {
  const differs = `${releaseSpan(releases)}: the outcome is not what ${golden} says`;
  if (edited === undefined) return differs;
  return `the ${edited} ${edited === 'trace and machine' ? 'were' : 'was'} edited since the golden file was written; ${differs}`;
};

type Differing = Extract<Finding, { readonly kind: 'differs' }>;

const scopeOf = ({ releases, edited }: Differing): Pick<FindingReport, 'releases' | 'edited'> => ({
  releases: [...releases],
  ...(edited === undefined ? {} : { edited }),
});

/** A finding in one sentence, without the facts that differ. */
const describeFinding = (folder: string, finding: Finding): string => {
  const file = `${folder}/${finding.golden}.txt`;
  if (finding.kind === 'differs') return describeDifference({ ...scopeOf(finding), golden: file });
  if (finding.kind === 'stale') return `${file}: the outcome agrees, but the trace or its machine was edited since`;
  if (finding.kind === 'missing') return `${file}: missing`;
  if (finding.kind === 'redundant') return `${file}: redundant, it says the same as ${folder}/${finding.before}.txt`;
  if (finding.kind === 'malformed') return `${file}: not a golden file of this version`;
  return `${file}: no release or proposal of this name applies to the case`;
};

/** The rules that decide in the event with this number, in their order, each once. */
const rulesIn = (choice: Choice, { machine, events }: LoadedTrace, seq: number): string[] => {
  const rules = new Set<string>();
  let isThere = false;
  const upTo = function* () {
    for (const event of events) {
      isThere = event.seq === seq;
      yield event;
      if (isThere) return;
    }
  };
  const record: Trail['record'] = (rule) => {
    if (isThere) rules.add(rule);
  };
  for (const line of choice.replay({ machine, logging: 'writes', trail: { record } }, upTo()))
    if (line.seq === seq) break;
  return [...rules];
};

const firstOf = (
  { first, event: reason }: ChangeCause,
  edited: Edited | undefined,
  choice: Choice,
  trace: LoadedTrace,
): FirstDifference => {
  const { key, want, got } = first;
  // What only the golden file has may be about a row that the trace has no more.
  const [event, behind] = isTraceEdited(edited) && got === undefined ? [] : [first.event, reason];
  const line = trace.lineOf(trace.events.findIndex(({ seq }) => seq === behind));
  return {
    key,
    ...(want === undefined ? {} : { want }),
    ...(got === undefined ? {} : { got }),
    ...(event === undefined ? {} : { event }),
    ...(line === undefined ? {} : { line }),
    rules: behind === undefined || edited !== undefined ? [] : rulesIn(choice, trace, behind),
  };
};

/** Without the keys that hold nothing. */
const present = ({ key, field, ...rest }: Difference): NonNullable<FindingReport['differences']>[number] => ({
  ...{ key, field },
  ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
});

/** What a unified diff calls the golden side. */
const sideName = (golden: string, edited: Edited | undefined): string =>
  isTraceEdited(edited) ? `${golden} (events numbered as now)` : golden;

const findingReport = (
  session: Session,
  folder: string,
  { trace, files }: { readonly trace: LoadedTrace; readonly files: CaseFiles },
  finding: Finding,
): FindingReport => {
  const golden = `${folder}/${finding.golden}.txt`;
  const common = { kind: finding.kind, golden, message: describeFinding(folder, finding) };
  if (finding.kind === 'missing') return { ...common, releases: [...finding.releases] };
  if (finding.kind !== 'differs') return { ...common, releases: [finding.golden] };
  const { want, got, releases, edited } = finding;
  const [release = ''] = releases;
  const choice = allChoices(session.model).find(({ name }) => name === release);
  const cause = changeCause(trace, files, { release, golden: finding.golden, was: want, is: got, edited });
  return {
    ...{ ...common, ...scopeOf(finding), outcome: sha256(got).slice(0, OUTCOME_DIGITS) },
    ...(cause && { cause: { name: cause.id, says: cause.says }, differences: cause.all.map(present) }),
    ...(cause && choice && { first: firstOf(cause, edited, choice, trace) }),
    diff: unifiedDiff(sideName(golden, edited), `${trace.path} under ${release}`, want, got),
  };
};

/** Replays one case and compares it with its golden files; all that reporters say about it, as plain data. */
export const checkCase = (session: Session, corpus: Corpus, it: Case, selection: Selection): CaseReport => {
  const run = runCase(session, corpus, it, selection);
  const common = { name: it.name, trace: it.trace };
  if (!run.ok) {
    const { defect, message } = run.error;
    return { ...common, status: defect ? 'defect' : 'error', releases: [], cost: 0, findings: [], error: message };
  }
  const { files, trace } = run;
  const { title } = trace.header;
  const releases = [...files.outcomes.keys()];
  const found = releases.length === 0 ? [] : compareCase(files);
  return {
    ...common,
    ...(title === undefined ? {} : { title }),
    machine: run.machine,
    status: releases.length === 0 ? 'skipped' : found.length === 0 ? 'agrees' : 'differs',
    ...{ releases, cost: trace.events.length * releases.length },
    findings: found.map((finding) => findingReport(session, `${corpus.golden}/${it.name}`, run, finding)),
    ...(selection.timelines === true ? { outcomes: outcomesOf(session, trace, files.outcomes) } : {}),
  };
};
