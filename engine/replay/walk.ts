// SPDX-License-Identifier: GPL-2.0-only
import { formatAccess } from '../machine/hardware.ts';
import type { Sbdf } from '../num/sbdf.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import { type ModelWorld, modelStateJson } from '../state/model-world.ts';
import type { StateJson } from '../state/result.ts';
import { deviceJson } from '../state/state-json.ts';
import type { Subject } from './compare-outcome.ts';
import {
  type EventReasons,
  reasonsOf,
  type Stepper,
  startStepper,
  type Watched,
  type Watcher,
  watchReplay,
} from './why.ts';
import { followDeferredWork, mayChange } from './why-device.ts';
import { type Frame, isAbout, isSame, type Mapping, mappedAt } from './why-frame.ts';

/** An event, and the world right after it. */
export interface Moment extends EventReasons {
  /** Writes that reached hardware: `w 0000:03:00.0 0x4 2 0x6`. */
  readonly hardware: readonly string[];
  /** undefined: looking at it would leave defined behaviour, or the event has. */
  readonly state: StateJson | undefined;
}

/** What an event may touch. */
export type Target =
  | { readonly kind: 'device'; readonly sbdf: Sbdf }
  | ({ readonly kind: 'frame' } & Frame)
  /** A result: 0, or a negated errno. */
  | { readonly kind: 'result'; readonly ret: number };

/** A trace to walk through in both directions. */
export interface Walk {
  /** The event with this index; undefined: there is none, or nothing is known of it any more. */
  at(index: number): Moment | undefined;
  /** Index of the nearest event after (or before) `from` that touches the target. */
  find(target: Target, from: number, direction: 'after' | 'before'): number | undefined;
}

/** So many states of devices are kept at most, and never fewer moments than {@link MIN_MOMENTS}. */
const MAX_DEVICE_STATES = 4096;
const [MIN_MOMENTS, MAX_MOMENTS] = [2, 64];

const momentOf = (watched: Watched): Moment => {
  const { world, isEnd } = watched;
  const reasons = reasonsOf(watched);
  const hardware = world.hw.takeLog().map(formatAccess);
  if (isEnd) return { ...reasons, hardware, state: undefined };
  // Looking may find what Xen's own code must not look at. That is no part of the replay, so a copy looks.
  const looked: ModelWorld = { ...world, trail: undefined };
  const state = modelStateJson(looked);
  return { ...reasons, hardware, state: looked.undefinedRule === undefined ? state : undefined };
};

/** Tells of one event after the other whether it touches a target. */
type Matcher = Pick<Watcher, 'concerns' | 'start'> & { touches(watched: Watched): boolean };

const deviceMatcher = (sbdf: Sbdf): Matcher => {
  let state = '';
  const deferred = followDeferredWork();
  const look = (world: ModelWorld): string => JSON.stringify(deviceJson(world, sbdf));
  return {
    start: (world) => {
      state = look(world);
    },
    touches: (watched) => {
      const { event, decisions, world } = watched;
      const before = state;
      if (mayChange(sbdf, watched, deferred.isThere())) state = look(world);
      deferred.after(world);
      const isNamed = Object.values(event.args).includes(sbdf);
      return isNamed || state !== before || decisions.some(({ subject }) => subject.sbdf === sbdf);
    },
  };
};

const frameMatcher = (frame: Frame): Matcher => {
  let mapping: Mapping;
  return {
    concerns: (world, about) => isAbout(world, frame, about),
    start: (world) => {
      mapping = mappedAt(world, frame);
    },
    touches: ({ world, decisions }) => {
      const before = mapping;
      mapping = mappedAt(world, frame);
      return decisions.length > 0 || !isSame(before, mapping);
    },
  };
};

const matcherOf = (target: Target): Matcher => {
  if (target.kind === 'device') return deviceMatcher(target.sbdf);
  if (target.kind === 'frame') return frameMatcher(target);
  return { touches: ({ outcome, isEnd }) => !isEnd && outcome?.ret === target.ret };
};

const findIn = (
  subject: Subject,
  behaviours: SystemBehaviours,
  target: Target,
  { from, direction }: { readonly from: number; readonly direction: 'after' | 'before' },
): number | undefined => {
  const { touches, ...matcher } = matcherOf(target);
  let found: number | undefined;
  watchReplay(subject, behaviours, direction === 'before' ? from - 1 : subject.events.length, {
    ...matcher,
    after: (watched) => {
      if (touches(watched) && (direction === 'before' || watched.index > from)) found = watched.index;
    },
    isDone: () => direction === 'after' && found !== undefined,
  });
  return found;
};

/**
 * Walks through a trace. Going on replays the next event; going back shows what has been kept, and beyond that replays
 * from the start. What is kept does not grow with the trace.
 */
export const walkThrough = (subject: Subject, behaviours: SystemBehaviours): Walk => {
  const { events, machine } = subject;
  const most = Math.min(
    MAX_MOMENTS,
    Math.max(MIN_MOMENTS, Math.floor(MAX_DEVICE_STATES / (machine.devices.length + 1))),
  );
  const kept = new Map<number, Moment>();
  let stepper: Stepper | undefined;
  let next = 0;
  let hasEnded = false;
  const start = (): Stepper => {
    next = 0;
    hasEnded = false;
    kept.clear();
    return startStepper(subject, behaviours, 'writes', () => true);
  };
  const keep = (watched: Watched): void => {
    kept.set(watched.index, momentOf(watched));
    for (const index of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(index);
    }
  };
  return {
    at: (index) => {
      if (kept.has(index) || events[index] === undefined) return kept.get(index);
      if (stepper === undefined || index < next) stepper = start();
      for (; next <= index && !hasEnded; next++) {
        const event = events[next];
        if (event === undefined) break;
        const watched = stepper.step(event, next);
        hasEnded = watched.isEnd;
        if (index - next < most || hasEnded) keep(watched);
        else stepper.world.hw.takeLog();
      }
      return kept.get(index);
    },
    find: (target, from, direction) => findIn(subject, behaviours, target, { from, direction }),
  };
};
