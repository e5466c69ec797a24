// SPDX-License-Identifier: GPL-2.0-only
import type { RuleId } from '../semantics/rules.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import { createModelWorld, type ModelWorld } from '../state/model-world.ts';
import type { Answer, ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import type { RuleSubject } from '../xen/state.ts';
import type { Subject } from './compare-outcome.ts';
import { runEvent } from './replay.ts';

/** A rule that decided something, and what it was about. */
export interface Decision {
  readonly rule: RuleId;
  readonly subject: RuleSubject;
}

/** Who watches a replay. The event is about to be carried out, then has been. */
export interface Watcher {
  /** The world before the first event. */
  start?(world: ModelWorld): void;
  before?(event: TraceEvent, world: ModelWorld): void;
  /** Whether a decision is of interest; asked when it is taken, since BARs move within an event. Default: it is. */
  concerns?(world: ModelWorld, subject: RuleSubject): boolean;
  after(watched: Watched): void;
}

/** One event of a watched replay, right after it. */
export interface Watched {
  readonly event: TraceEvent;
  /** Of the event among those of the trace. */
  readonly index: number;
  readonly outcome: Answer | undefined;
  /** In the order in which they were taken. */
  readonly decisions: readonly Decision[];
  readonly world: ModelWorld;
  /** Xen's own code left defined behaviour: this is the last event of which anything is known. */
  readonly isEnd: boolean;
}

/** What an event answered, and why. */
export interface EventReasons {
  readonly event: TraceEvent;
  /** Counted from 1: the row among those of the trace that hold events. */
  readonly row: number;
  readonly answer: ResultLine;
  /** In the order in which they were taken, each once. */
  readonly decisions: readonly Decision[];
}

const distinct = (decisions: readonly Decision[]): readonly Decision[] => {
  const found = new Map<string, Decision>();
  for (const decision of decisions) {
    const key = JSON.stringify(decision);
    if (!found.has(key)) found.set(key, decision);
  }
  return [...found.values()];
};

/** What is worth keeping of an event. */
export const reasonsOf = ({ event, index, outcome, decisions, world }: Watched): EventReasons => {
  const { seq } = event;
  const { undefinedRule: rule } = world;
  const answer: ResultLine = rule === undefined ? { seq, ...outcome } : { seq, undefined: true, rule };
  return { event, row: index + 1, answer, decisions: distinct(decisions) };
};

/**
 * Replays up to the event with index `last`. What nobody keeps costs next to nothing, so that asking why takes little
 * longer than the replay. Throws what a replay throws.
 */
export const watchReplay = (
  { machine, events }: Subject,
  behaviours: SystemBehaviours,
  last: number,
  watcher: Watcher,
): void => {
  let decisions: Decision[] = [];
  const record = (rule: RuleId, subject: RuleSubject): void => {
    if (watcher.concerns?.(world, subject) ?? true) decisions.push({ rule, subject });
  };
  const world: ModelWorld = createModelWorld({ machine, behaviours, logging: 'off', trail: { record } });
  watcher.start?.(world);
  for (let index = 0; index <= last; index++) {
    const event = events[index];
    if (event === undefined) return;
    if (decisions.length > 0) decisions = [];
    watcher.before?.(event, world);
    const outcome = runEvent(world, event);
    const isEnd = world.undefinedRule !== undefined || outcome?.undefined === true;
    watcher.after({ event, index, outcome, decisions, world, isEnd });
    if (isEnd) return;
  }
};

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
  let found: EventReasons | NotReached | undefined;
  watchReplay(subject, behaviours, index, {
    after: (watched) => {
      if (watched.index === index) found = reasonsOf(watched);
      else if (watched.isEnd) found = { end: reasonsOf(watched) };
    },
  });
  return found;
};
