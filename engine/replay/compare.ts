// SPDX-License-Identifier: GPL-2.0-only
import type { SystemState } from '../semantics/states.ts';
import type { TraceEvent } from '../trace/operation.ts';
import { type Cause, causesOf } from './compare-causes.ts';
import { firstDifference } from './compare-first.ts';
import { differingFacts, type Facts, outcomeUnder, type Subject } from './compare-outcome.ts';
import { stepsBetween } from './compare-steps.ts';

/** Where two replays part: the state is the one after the event, under keys that begin with `final`. */
export interface PartingPoint {
  readonly event: TraceEvent;
  readonly what: 'answer' | 'state';
  readonly causes: readonly Cause[];
}

/** What two states of Xen or its guest make of one trace. */
export interface Comparison {
  readonly a: string;
  readonly b: string;
  /** undefined: they agree. */
  readonly first: PartingPoint | undefined;
  /** All differences of the whole outcome by cause; none if what differed is the same again at the end. */
  readonly causes: readonly Cause[];
}

const partingPoint = (subject: Subject, a: SystemState, b: SystemState): PartingPoint | undefined => {
  const first = firstDifference(subject, a.behaviours, b.behaviours);
  const event = first && subject.events[first.index];
  if (first === undefined || event === undefined) return undefined;
  const upTo = { ...subject, events: subject.events.slice(0, first.index + 1) };
  const found = differingFacts(outcomeUnder(upTo, a.behaviours), outcomeUnder(upTo, b.behaviours));
  return { event, what: first.what, causes: causesOf(upTo, a.behaviours, stepsBetween(a, b), found) };
};

/** Replays a trace under two states, finds where they part, and which listed changes are behind all differences. */
export const compareStates = (subject: Subject, a: SystemState, b: SystemState): Comparison => {
  const found = differingFacts(outcomeUnder(subject, a.behaviours), outcomeUnder(subject, b.behaviours));
  return {
    a: a.name,
    b: b.name,
    first: partingPoint(subject, a, b),
    causes: causesOf(subject, a.behaviours, stepsBetween(a, b), found),
  };
};

/** One pair of a matrix. */
export interface MatrixCell {
  readonly a: string;
  readonly b: string;
  /** Number of the first event at which they part; undefined: they agree. */
  readonly seq: number | undefined;
  /** How many facts of the whole outcome differ. */
  readonly facts: number;
}

/** Each of `states` with each later one. */
export const compareAll = (subject: Subject, states: readonly SystemState[]): readonly MatrixCell[] => {
  const outcomes = new Map<string, Facts>(
    states.map(({ name, behaviours }) => [name, outcomeUnder(subject, behaviours)]),
  );
  return states.flatMap((a, index) =>
    states.slice(index + 1).map((b) => {
      const first = firstDifference(subject, a.behaviours, b.behaviours);
      const seq = first && subject.events[first.index]?.seq;
      const none: Facts = new Map();
      const found = differingFacts(outcomes.get(a.name) ?? none, outcomes.get(b.name) ?? none);
      return { a: a.name, b: b.name, seq, facts: found.length };
    }),
  );
};
