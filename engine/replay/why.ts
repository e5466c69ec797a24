// SPDX-License-Identifier: GPL-2.0-only
import type { AccessLog } from '../machine/hardware.ts';
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

/** Who watches a replay. */
export interface Watcher {
  /** The world before the first event. */
  start?(world: ModelWorld): void;
  /** Without it all decisions are of interest. */
  readonly concerns?: Concerns;
  after(watched: Watched): void;
  /** Nothing more is asked: the replay need not go on. */
  isDone?(): boolean;
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

/** A replay that is gone through event by event. */
export interface Stepper {
  readonly world: ModelWorld;
  /** Carries out the event that has this index, which has to be the next one. Throws what a replay throws. */
  step(event: TraceEvent, index: number): Watched;
}

/** Which decisions are of interest; asked when one is taken, since BARs move within an event. */
type Concerns = (world: ModelWorld, subject: RuleSubject) => boolean;

/** A replay before its first event, with the rules that decide. */
export const startStepper = (
  { machine }: Pick<Subject, 'machine'>,
  behaviours: SystemBehaviours,
  logging: AccessLog,
  concerns: Concerns,
): Stepper => {
  let decisions: Decision[] = [];
  const record = (rule: RuleId, subject: RuleSubject): void => {
    if (concerns(world, subject)) decisions.push({ rule, subject });
  };
  const world: ModelWorld = createModelWorld({ machine, behaviours, logging, trail: { record } });
  return {
    world,
    step: (event, index) => {
      if (decisions.length > 0) decisions = [];
      const outcome = runEvent(world, event);
      const isEnd = world.undefinedRule !== undefined || outcome?.undefined === true;
      return { event, index, outcome, decisions, world, isEnd };
    },
  };
};

const all: Concerns = () => true;

/**
 * Replays up to the event with index `last`. What nobody keeps costs next to nothing, so that asking why takes little
 * longer than the replay. Throws what a replay throws.
 */
export const watchReplay = (subject: Subject, behaviours: SystemBehaviours, last: number, watcher: Watcher): void => {
  const { world, step } = startStepper(subject, behaviours, 'off', watcher.concerns ?? all);
  watcher.start?.(world);
  for (const [index, event] of subject.events.entries()) {
    if (index > last || watcher.isDone?.() === true) return;
    const watched = step(event, index);
    watcher.after(watched);
    if (watched.isEnd) return;
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
