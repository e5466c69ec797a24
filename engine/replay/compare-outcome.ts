// SPDX-License-Identifier: GPL-2.0-only
import type { SystemBehaviours } from '../semantics/states.ts';
import type { ModelMachine } from '../state/model-world.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import { replayTrace } from './replay.ts';

/** A trace whose outcomes are compared. */
export interface Subject {
  readonly machine: ModelMachine;
  readonly events: readonly TraceEvent[];
  /** Result lines as text: one fact a line, `key: value`; headings begin with a bracket. */
  readonly render: (lines: Iterable<ResultLine>, events: Iterable<TraceEvent>) => string;
  /** Whether the writes that reach hardware are part of the outcome. */
  readonly hardware: boolean;
}

/** What an outcome says, by key; what it says twice under one key is one value of several lines. */
export type Facts = ReadonlyMap<string, string>;

/** A fact that two outcomes disagree about; undefined: the outcome has no such fact. */
export interface FactDifference {
  readonly key: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
}

const SEPARATOR = ': ';

/** Canonical text as facts; a key has no colon followed by a space. */
export const parseFacts = (text: string): Facts => {
  const facts = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.startsWith('[') ? -1 : line.indexOf(SEPARATOR);
    if (at <= 0) continue;
    const key = line.slice(0, at);
    const value = line.slice(at + SEPARATOR.length);
    const known = facts.get(key);
    facts.set(key, known === undefined ? value : `${known}\n${value}`);
  }
  return facts;
};

function* withoutHardware(lines: Iterable<ResultLine>): Generator<ResultLine> {
  for (const { hw: _hw, ...line } of lines) yield line;
}

/** All that a replay under `behaviours` says, and whether Xen's own code leaves defined behaviour in it. */
export const endUnder = (
  subject: Subject,
  behaviours: SystemBehaviours,
): { readonly facts: Facts; readonly isUndefined: boolean } => {
  const { machine, events, render, hardware } = subject;
  let isUndefined = false;
  const watched = function* (lines: Iterable<ResultLine>): Generator<ResultLine> {
    for (const line of lines) {
      if (line.undefined === true) isUndefined = true;
      yield line;
    }
  };
  const lines = watched(replayTrace({ machine, behaviours, logging: hardware ? 'writes' : 'off' }, events));
  const facts = parseFacts(render(hardware ? lines : withoutHardware(lines), events));
  return { facts, isUndefined };
};

export const outcomeUnder = (subject: Subject, behaviours: SystemBehaviours): Facts =>
  endUnder(subject, behaviours).facts;

/** In the order of `a`, then what only `b` says. */
export const differingFacts = (a: Facts, b: Facts): readonly FactDifference[] => {
  const found: FactDifference[] = [];
  for (const [key, value] of a) if (b.get(key) !== value) found.push({ key, a: value, b: b.get(key) });
  for (const [key, value] of b) if (!a.has(key)) found.push({ key, a: undefined, b: value });
  return found;
};
