// SPDX-License-Identifier: GPL-2.0-only
import type { RuleId } from '../semantics/rules.ts';
import type { SystemState } from '../semantics/states.ts';
import type { ModelMachine } from '../state/model-world.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import { TraceFault } from '../xen/domains.ts';
import type { Subject } from './compare-outcome.ts';
import { conform } from './conform.ts';
import { compareEvent, nothingCompared } from './recorded.ts';
import { replayTrace } from './replay.ts';
import { type Ending, endingOf, endings, ruleOf, stateAtEnd } from './shrink-end.ts';

/** What a smaller trace has to show as well, at its last event and for the same cause. */
export interface Kept {
  /** The events up to the one that shows it. */
  readonly events: readonly TraceEvent[];
  shownBy(machine: ModelMachine, events: readonly TraceEvent[]): boolean;
}

/** What one state of Xen or its guest makes of a trace. */
export interface KeptAnswer extends Kept {
  /**
   * Indices of the events that show it in this trace under this state, under another than the one that was asked about by
   * whatever rules; undefined: they do not.
   */
  shownUnder(state: SystemState, machine: ModelMachine, events: readonly TraceEvent[]): readonly number[] | undefined;
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
  state: SystemState,
  test: Test,
): KeptAnswer | undefined => {
  const shownUnder: KeptAnswer['shownUnder'] = ({ behaviours }, smaller, fewer) => {
    const ending = endingOf(smaller, fewer, behaviours);
    return ending !== undefined && test(ending) ? [ending.index] : undefined;
  };
  const kept = keptIf(machine, events, (smaller, fewer) => shownUnder(state, smaller, fewer) !== undefined);
  return kept && { ...kept, shownUnder };
};

const undefinedRuleOf = (line: ResultLine | undefined): string | undefined =>
  line?.undefined === true ? (line.rule ?? '') : undefined;

/** The end of defined behaviour: the same operation leaves it by the same rule. undefined: the replay stays defined. */
export const keepUndefined = (subject: Subject, state: SystemState): KeptAnswer | undefined => {
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
export const keepRule = (
  subject: Subject,
  state: SystemState,
  rule: RuleId,
  index?: number,
): KeptAnswer | undefined => {
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

/** What an event has to be like. */
interface Wanted {
  readonly op: string;
  readonly answer: string;
  readonly decisions: readonly string[];
}

const wantedOf = (ending: Ending): Wanted => ({
  op: ending.event.op,
  answer: answerText(ending),
  decisions: [...ending.decisions],
});

/** The last events that are as wanted, in order, the last event of all among them; undefined: there are none. */
const findWanted = (
  wanted: readonly Wanted[],
  found: Iterable<Ending>,
  last: number,
  isAs: (ending: Ending, one: Wanted) => boolean,
): readonly number[] | undefined => {
  const indices: number[] = [];
  const matches = (ending: Ending): boolean => {
    const next = wanted[indices.length];
    const isLastWanted = indices.length === wanted.length - 1;
    return next !== undefined && isLastWanted === (ending.index === last) && isAs(ending, next);
  };
  for (const ending of found) if (matches(ending)) indices.push(ending.index);
  return indices.length === wanted.length ? indices : undefined;
};

const isSameAnswer = (ending: Ending, { op, answer }: Wanted): boolean =>
  ending.event.op === op && answerText(ending) === answer;

/** The same decisions and no others; at boot devices are set up that have nothing to do with it, and there may be others. */
const areDecided = ({ event, decisions }: Ending, wanted: readonly string[]): boolean =>
  wanted.every((decision) => decisions.has(decision)) &&
  (event.op.startsWith('boot.') || decisions.size === wanted.length);

const isSameDecision = (ending: Ending, one: Wanted): boolean =>
  isSameAnswer(ending, one) && areDecided(ending, one.decisions);

/**
 * The answers of the events with these indices, in ascending order: the same operations answer the same, by the same
 * rules. undefined: one is not reached, or the last one answers nothing and no rule decides.
 */
export const keepAnswers = (
  { machine, events }: Subject,
  state: SystemState,
  indices: readonly number[],
): KeptAnswer | undefined => {
  const last = indices.at(-1) ?? 0;
  const reached = events.slice(0, last + 1);
  const wanted: Wanted[] = [];
  for (const ending of endings(machine, reached, state.behaviours))
    if (indices.includes(ending.index)) wanted.push(wantedOf(ending));
  const end = wanted.at(-1);
  if (end === undefined || wanted.length < indices.length) return undefined;
  if (end.answer === '{}' && end.decisions.length === 0) return undefined;
  const find = (
    { behaviours }: SystemState,
    smaller: ModelMachine,
    fewer: readonly TraceEvent[],
    isAs: typeof isSameAnswer,
  ): readonly number[] | undefined => {
    try {
      return findWanted(wanted, endings(smaller, fewer, behaviours), fewer.length - 1, isAs);
    } catch (fault) {
      if (fault instanceof TraceFault) return undefined;
      throw fault;
    }
  };
  const shownBy: Kept['shownBy'] = (smaller, fewer) => find(state, smaller, fewer, isSameDecision) !== undefined;
  const shownUnder: KeptAnswer['shownUnder'] = (other, smaller, fewer) =>
    find(other, smaller, fewer, other.name === state.name ? isSameDecision : isSameAnswer);
  const kept = keptIf(machine, reached, shownBy);
  return kept && { ...kept, shownUnder };
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
    machine.devices,
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
    if (!areDecided(ending, decisions)) return false;
    const divergences = compareEvent(ending.event, ending.line, nothingCompared());
    return divergences.some(
      ({ what, recorded, modelled, fromHardware }) =>
        what === finding.what && recorded === finding.recorded && modelled === finding.modelled && !fromHardware,
    );
  });
};
