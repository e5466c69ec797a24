// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { replayTrace } from '../../engine/replay/replay.ts';
import type { Behaviours } from '../../engine/semantics/behaviours.ts';
import type { ResultLine } from '../../engine/state/result.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import type { DecodedTrace } from '../../engine/trace/decoder.ts';
import { decodeJsonLines } from '../../engine/trace/json-lines.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';
import type { Parsed } from '../../engine/trace/problem.ts';
import { formatCsv } from '../../engine/trace/write-csv.ts';
import { formatJsonLines } from '../../engine/trace/write-json-lines.ts';
import { TraceFault } from '../../engine/xen/domains.ts';
import { type Scenario, scenario } from './events.ts';
import { cases, release } from './parameters.ts';

const ANYTHING = scenario({ foreign: true, disorder: true });

/** All answers; a fault of the trace is the last one. */
const answersOf = ({ machine, events }: Scenario, behaviours: Behaviours): readonly unknown[] => {
  const lines: ResultLine[] = [];
  try {
    for (const line of replayTrace({ machine, behaviours }, events)) lines.push(line);
  } catch (fault) {
    if (!(fault instanceof TraceFault)) throw fault;
    return [...lines, fault.message];
  }
  return lines;
};

const eventsOf = (decoded: Parsed<DecodedTrace>): readonly TraceEvent[] => {
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return decoded.value.events;
};

const HEADER = { version: 1, title: 'random', machine: 'm.yaml', directives: {} };

describe('the same trace has the same answers', () => {
  test('when it is replayed again', () => {
    fc.assert(
      fc.property(ANYTHING, release, (given, { behaviours }) => {
        expect(JSON.stringify(answersOf(given, behaviours))).toBe(JSON.stringify(answersOf(given, behaviours)));
      }),
      cases(500),
    );
  });

  test('when it comes from JSON lines', () => {
    fc.assert(
      fc.property(ANYTHING, release, (given, { behaviours }) => {
        const text = formatJsonLines(HEADER, given.events, OPERATIONS);
        const events = eventsOf(decodeJsonLines(text, OPERATIONS));
        expect(answersOf({ ...given, events }, behaviours)).toEqual(answersOf(given, behaviours));
      }),
      cases(500),
    );
  });

  test('when it comes from CSV', () => {
    fc.assert(
      fc.property(ANYTHING, release, (given, { behaviours }) => {
        const text = formatCsv(HEADER, given.events, OPERATIONS);
        const events = eventsOf(decodeCsv(text, OPERATIONS));
        expect(answersOf({ ...given, events }, behaviours)).toEqual(answersOf(given, behaviours));
      }),
      cases(500),
    );
  });

  test('when rules are recorded', () => {
    fc.assert(
      fc.property(ANYTHING, release, (given, { behaviours }) => {
        const { machine, events } = given;
        const lines: unknown[] = [];
        try {
          for (const line of replayTrace({ machine, behaviours, trail: { record: () => undefined } }, events))
            lines.push(line);
        } catch (fault) {
          if (!(fault instanceof TraceFault)) throw fault;
          lines.push(fault.message);
        }
        expect(lines).toEqual(answersOf(given, behaviours));
      }),
      cases(300),
    );
  });
});

/** The events, each followed by a checkpoint that has no number of theirs. */
const withCheckpoints = (events: readonly TraceEvent[]): readonly TraceEvent[] =>
  events.flatMap((event) => [event, { ...event, op: 'checkpoint', args: {}, seq: event.seq + 0.5 }]);

const isCheckpoint = (line: unknown): boolean =>
  typeof line === 'object' && line !== null && 'seq' in line && Number(line.seq) % 1 !== 0;

const isUndefined = (line: unknown): boolean => typeof line === 'object' && line !== null && 'undefined' in line;

test('looking at the state changes nothing, but that what cannot be looked at is found out earlier', () => {
  fc.assert(
    fc.property(ANYTHING, release, (given, { behaviours }) => {
      const events = given.events.filter(({ op }) => op !== 'checkpoint');
      const plain = answersOf({ ...given, events }, behaviours);
      const looked = answersOf({ ...given, events: withCheckpoints(events) }, behaviours);
      const answers = looked.filter((line) => !isCheckpoint(line));
      const found = looked.at(-1);
      if (isCheckpoint(found) && isUndefined(found)) expect(plain.slice(0, answers.length)).toEqual(answers);
      else expect(answers).toEqual(plain);
    }),
    cases(400),
  );
});
