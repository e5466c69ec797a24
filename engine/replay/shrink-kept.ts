// SPDX-License-Identifier: GPL-2.0-only
import type { RuleId } from '../semantics/rules.ts';
import type { SystemState } from '../semantics/states.ts';
import type { ModelMachine } from '../state/model-world.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import type { Subject } from './compare-outcome.ts';
import { conform } from './conform.ts';
import { compareEvent } from './recorded.ts';
import { replayTrace } from './replay.ts';
import { type Ending, endingOf, endings, ruleOf, stateAtEnd } from './shrink-end.ts';

/** What a smaller trace has to show as well, at its last event and for the same cause. */
export interface Kept {
  /** The events up to the one that shows it. */
  readonly events: readonly TraceEvent[];
  shownBy(machine: ModelMachine, events: readonly TraceEvent[]): boolean;
}

type Test = (ending: Ending) => boolean;

/** What is kept if the whole trace shows it, as it has to. */
export const keptIf = (
  machine: ModelMachine,
  events: readonly TraceEvent[],
  shownBy: Kept['shownBy'],
): Kept | undefined => (shownBy(machine, events) ? { events, shownBy } : undefined);

const keepUnder = (
  { machine }: Subject,
  events: readonly TraceEvent[],
  { behaviours }: SystemState,
  test: Test,
): Kept | undefined =>
  keptIf(machine, events, (smaller, fewer) => {
    const ending = endingOf(smaller, fewer, behaviours);
    return ending !== undefined && test(ending);
  });

const undefinedRuleOf = (line: ResultLine | undefined): string | undefined =>
  line?.undefined === true ? (line.rule ?? '') : undefined;

/** The end of defined behaviour: the same operation leaves it by the same rule. undefined: the replay stays defined. */
export const keepUndefined = (subject: Subject, state: SystemState): Kept | undefined => {
  const { machine, events } = subject;
  let last: Ending | undefined;
  for (const ending of endings(machine, events, state.behaviours)) last = ending;
  if (last === undefined) return undefined;
  const { op } = last.event;
  const reached = events.slice(0, last.index + 1);
  const rule = undefinedRuleOf(last.line);
  if (rule !== undefined)
    return keepUnder(subject, reached, state, ({ event, line }) => event.op === op && undefinedRuleOf(line) === rule);
  // What is left undefined may show only when the state is looked at.
  const atEnd = undefinedRuleOf(stateAtEnd(last));
  if (atEnd === undefined) return undefined;
  return keepUnder(subject, reached, state, (ending) => undefinedRuleOf(stateAtEnd(ending)) === atEnd);
};

/**
 * A rule that decides something, in the event with this index or, without index, wherever it does so first. undefined:
 * it does not.
 */
export const keepRule = (subject: Subject, state: SystemState, rule: RuleId, index?: number): Kept | undefined => {
  const { machine, events } = subject;
  for (const ending of endings(machine, events, state.behaviours)) {
    const decision = [...ending.decisions].find((one) => ruleOf(one) === rule);
    if (decision === undefined || (index !== undefined && ending.index !== index)) continue;
    const op = index === undefined ? undefined : ending.event.op;
    const test: Test = ({ event, decisions }) => decisions.has(decision) && (op === undefined || event.op === op);
    return keepUnder(subject, events.slice(0, ending.index + 1), state, test);
  }
  return undefined;
};

const answerText = ({ line: { seq: _seq, ...answer } }: Ending): string => JSON.stringify(answer);

/**
 * The answer of the event with this index: the same operation answers the same, by the same rules. undefined: it
 * answers nothing and no rule decides, or it is not reached.
 */
export const keepAnswer = (subject: Subject, state: SystemState, index: number): Kept | undefined => {
  const events = subject.events.slice(0, index + 1);
  const original = endingOf(subject.machine, events, state.behaviours);
  if (original === undefined) return undefined;
  const [answer, decisions, { op }] = [answerText(original), [...original.decisions], original.event];
  if (answer === '{}' && decisions.length === 0) return undefined;
  return keepUnder(
    subject,
    events,
    state,
    (ending) =>
      ending.event.op === op && answerText(ending) === answer && decisions.every((one) => ending.decisions.has(one)),
  );
};

/**
 * A divergence from what the trace recorded, the first one or that of the event with this number: the same is
 * recorded, and the same answered by the same rules. What is learned of hardware from the record is made rows of the
 * trace. undefined: there is none.
 */
export const keepRecorded = (subject: Subject, state: SystemState, seq?: number): Kept | undefined => {
  const { machine } = subject;
  const { behaviours } = state;
  const setup = { machine, behaviours, logging: 'reads-and-writes' } as const;
  const { findings, lessons } = conform(
    (events, trail) => replayTrace(trail === undefined ? setup : { ...setup, trail }, events),
    subject.events,
  );
  const finding = findings.find((one) => one.what !== 'end' && (seq === undefined || one.seq === seq));
  if (finding === undefined) return undefined;
  const last = subject.events.indexOf(finding.event);
  const events = subject.events
    .slice(0, last + 1)
    .flatMap((event) => (event === finding.event ? [event] : [event, ...(lessons.get(event.seq) ?? [])]));
  const original = endingOf(machine, events, behaviours);
  const decisions = [...(original?.decisions ?? [])];
  return keptIf(machine, events, (smaller, fewer) => {
    const ending = endingOf(smaller, fewer, behaviours, 'reads-and-writes');
    if (ending === undefined || ending.event.op !== finding.op) return false;
    if (!decisions.every((one) => ending.decisions.has(one))) return false;
    const divergences = compareEvent(ending.event, ending.line, { results: 0, values: 0 });
    return divergences.some(
      ({ what, recorded, modelled, fromHardware }) =>
        what === finding.what && recorded === finding.recorded && modelled === finding.modelled && !fromHardware,
    );
  });
};
