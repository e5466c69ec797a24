// SPDX-License-Identifier: GPL-2.0-only
import type { SystemBehaviours } from '../semantics/states.ts';
import { createModelWorld, type ModelWorld, modelStateJson } from '../state/model-world.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import type { Subject } from './compare-outcome.ts';
import { answerTo } from './replay.ts';

/** So many states are looked at in one walk; longer traces are walked again between two that were looked at. */
export const MAX_STATES = 512;

/** The first event, by its index, at which two replays part. */
export interface FirstDifference {
  readonly index: number;
  readonly what: 'answer' | 'state';
}

/** One replay, event by event. */
interface Walk {
  readonly world: ModelWorld;
  /** Xen's own code left defined behaviour: nothing more is known. */
  hasEnded: boolean;
}

export const startWalk = (subject: Subject, behaviours: SystemBehaviours): Walk => ({
  world: createModelWorld({
    machine: subject.machine,
    behaviours,
    logging: subject.hardware ? 'writes' : 'off',
    trail: undefined,
  }),
  hasEnded: false,
});

export const advance = (walk: Walk, event: TraceEvent): ResultLine => {
  const line = answerTo(walk.world, event) ?? { seq: event.seq };
  walk.hasEnded = line.undefined === true;
  return line;
};

/** The state after an event as text; looking at it leaves the replay as it was. */
export const stateText = (subject: Subject, walk: Walk, event: TraceEvent): string => {
  const state = modelStateJson(walk.world);
  const { undefinedRule } = walk.world;
  walk.world.undefinedRule = undefined;
  if (undefinedRule !== undefined) return undefinedRule;
  return subject.render([{ seq: event.seq, state }], [event]);
};

const answersDiffer = (subject: Subject, event: TraceEvent, a: ResultLine, b: ResultLine): boolean =>
  JSON.stringify(a) !== JSON.stringify(b) && subject.render([a], [event]) !== subject.render([b], [event]);

/**
 * Walks both replays up to `end` and looks at the state after each event from `from` on whose distance to `end` is a
 * multiple of `stride`.
 */
const walkBoth = (
  subject: Subject,
  a: SystemBehaviours,
  b: SystemBehaviours,
  [from, end, stride]: readonly [number, number, number],
): FirstDifference | undefined => {
  const [walkA, walkB] = [startWalk(subject, a), startWalk(subject, b)];
  for (const [index, event] of subject.events.slice(0, end + 1).entries()) {
    if (answersDiffer(subject, event, advance(walkA, event), advance(walkB, event))) return { index, what: 'answer' };
    if (walkA.hasEnded || walkB.hasEnded) return undefined;
    if (index < from || (end - index) % stride !== 0) continue;
    if (stateText(subject, walkA, event) !== stateText(subject, walkB, event)) return { index, what: 'state' };
  }
  return undefined;
};

/**
 * The first event at which answers or state differ. In traces of more than 512 events a state that differs for a
 * short while only, without any answer that does, may be passed over.
 */
export const firstDifference = (
  subject: Subject,
  a: SystemBehaviours,
  b: SystemBehaviours,
): FirstDifference | undefined => {
  const last = subject.events.length - 1;
  const stride = Math.ceil(subject.events.length / MAX_STATES);
  const found = walkBoth(subject, a, b, [0, last, stride]);
  if (found === undefined || stride <= 1) return found;
  // The walk is repeated to the event found, now with every state since the last one that was looked at.
  return walkBoth(subject, a, b, [Math.max(0, found.index - stride), found.index, 1]) ?? found;
};
