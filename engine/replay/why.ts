// SPDX-License-Identifier: GPL-2.0-only
import type { RuleId } from '../semantics/rules.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import { createModelWorld, type ModelWorld } from '../state/model-world.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import type { RuleSubject } from '../xen/state.ts';
import type { Subject } from './compare-outcome.ts';
import { runEvent } from './replay.ts';

/** A rule that decided something, and what it was about. */
export interface Decision {
  readonly rule: RuleId;
  readonly subject: RuleSubject;
}

/** Whether a decision is of interest; asked when it is taken, since BARs move within an event. */
export type Concerns = (world: ModelWorld, subject: RuleSubject) => boolean;

/** One event of a watched replay. */
export interface Watched {
  readonly event: TraceEvent;
  /** Counted from 1: the row among those of the trace that hold events. */
  readonly row: number;
  readonly answer: ResultLine;
  /** In the order in which they were taken, each once. */
  readonly decisions: readonly Decision[];
  /** The world after the event; it changes with the next one. */
  readonly world: ModelWorld;
  /** Xen's own code left defined behaviour: this is the last event of which anything is known. */
  readonly isEnd: boolean;
}

const keyOf = (rule: RuleId, { sbdf, bar, gfn, domain, name }: RuleSubject): string =>
  [rule, sbdf, bar, gfn, domain, name].join(' ');

/**
 * Replays up to the event with index `last`, and yields the world before the first event (undefined) and after each.
 * Keeps the decisions that are of interest. Throws what a replay throws.
 */
export function* watchReplay(
  { machine, events }: Subject,
  behaviours: SystemBehaviours,
  last: number,
  concerns: Concerns,
  before: (world: ModelWorld) => void = () => undefined,
): Generator<Watched> {
  let taken = new Map<string, Decision>();
  const record = (rule: RuleId, subject: RuleSubject): void => {
    const key = keyOf(rule, subject);
    if (!taken.has(key) && concerns(world, subject)) taken.set(key, { rule, subject });
  };
  const world: ModelWorld = createModelWorld({ machine, behaviours, logging: 'off', trail: { record } });
  before(world);
  for (const [index, event] of events.slice(0, last + 1).entries()) {
    taken = new Map();
    const outcome = runEvent(world, event);
    const { undefinedRule: rule } = world;
    const { seq } = event;
    const answer: ResultLine = rule === undefined ? { seq, ...outcome } : { seq, undefined: true, rule };
    const isEnd = rule !== undefined || outcome?.undefined === true;
    yield { event, row: index + 1, answer, decisions: [...taken.values()], world, isEnd };
    if (isEnd) return;
  }
}

/** What an event answered, and why. */
export interface EventReasons {
  readonly event: TraceEvent;
  readonly row: number;
  readonly answer: ResultLine;
  readonly decisions: readonly Decision[];
}

/** The replay ended at `end`, before the event that was asked for. */
export interface NotReached {
  readonly end: EventReasons;
}

/** Why the event with index `index` answered what it did. */
export const whyEvent = (
  subject: Subject,
  behaviours: SystemBehaviours,
  index: number,
): EventReasons | NotReached | undefined => {
  let found: EventReasons | undefined;
  for (const { event, row, answer, decisions } of watchReplay(subject, behaviours, index, () => true))
    found = { event, row, answer, decisions };
  return found === undefined || found.row === index + 1 ? found : { end: found };
};
