// SPDX-License-Identifier: GPL-2.0-only
import type { SystemBehaviours } from '../semantics/states.ts';
import type { TraceEvent } from '../trace/operation.ts';
import { advance, MAX_STATES, startWalk, stateText } from './compare-first.ts';
import { differingFacts, type FactDifference, outcomeUnder, type Subject } from './compare-outcome.ts';

/** A row that two traces have, by its index in each; or that only one has. */
export interface RowPair {
  readonly a: number | undefined;
  readonly b: number | undefined;
}

/** Where the outcomes of two traces part. */
export interface TracesPart {
  readonly row: RowPair;
  /** `row`: only one of the traces has it, and it has changed the state. */
  readonly what: 'answer' | 'state' | 'row';
}

export interface TraceComparison {
  /** Where answers or states first differ; undefined: nowhere. */
  readonly first: TracesPart | undefined;
  /** All facts of the whole outcomes that differ, answers of rows that only one trace has left out. */
  readonly differences: readonly FactDifference[];
}

/** Events of B under the numbers that the same rows have in A; others get numbers that A does not have. */
const renumbered = (a: Subject, b: Subject, rows: readonly RowPair[]): Subject => {
  const base = (a.events.at(-1)?.seq ?? 0) + 1;
  const events = rows.flatMap((row): readonly TraceEvent[] => {
    const event = row.b === undefined ? undefined : b.events[row.b];
    if (event === undefined) return [];
    const same = row.a === undefined ? undefined : a.events[row.a];
    return [{ ...event, seq: same?.seq ?? base + (row.b ?? 0), note: same?.note ?? event.note }];
  });
  return { ...b, events };
};

/** Goes through both, row by row, until an answer or the state differs; of long traces not all states are looked at. */
const firstPart = (
  a: Subject,
  b: Subject,
  rows: readonly RowPair[],
  behaviours: SystemBehaviours,
): TracesPart | undefined => {
  const [walkA, walkB] = [startWalk(a, behaviours), startWalk(b, behaviours)];
  const anchor: TraceEvent = { seq: 0, op: 'checkpoint', args: {}, time: undefined, ret: undefined, note: undefined };
  const stride = Math.ceil(rows.length / MAX_STATES);
  for (const [index, row] of rows.entries()) {
    const [eventA, eventB] = [
      row.a === undefined ? undefined : a.events[row.a],
      row.b === undefined ? undefined : b.events[row.b],
    ];
    const [answerA, answerB] = [eventA && advance(walkA, eventA), eventB && advance(walkB, eventB)];
    if (eventA !== undefined && eventB !== undefined) {
      const said = [answerA, answerB].map((one) =>
        a.render(one === undefined ? [] : [{ ...one, seq: eventA.seq }], [eventA]),
      );
      if (said[0] !== said[1]) return { row, what: 'answer' };
    }
    if (walkA.hasEnded || walkB.hasEnded)
      return walkA.hasEnded === walkB.hasEnded ? undefined : { row, what: 'answer' };
    const isLooked = index % stride === 0 || index === rows.length - 1;
    if (isLooked && stateText(a, walkA, anchor) !== stateText(b, walkB, anchor))
      return { row, what: eventA === undefined || eventB === undefined ? 'row' : 'state' };
  }
  return undefined;
};

/** Two traces under the same release, rows that are the same side by side. */
export const compareTraces = (
  a: Subject,
  b: Subject,
  rows: readonly RowPair[],
  behaviours: SystemBehaviours,
): TraceComparison => {
  const other = renumbered(a, b, rows);
  const alone = new Set(
    rows.flatMap((row) => {
      if (row.a !== undefined && row.b !== undefined) return [];
      const event = row.a === undefined ? undefined : a.events[row.a];
      return [event?.seq ?? (a.events.at(-1)?.seq ?? 0) + 1 + (row.b ?? 0)];
    }),
  );
  const isOfBoth = ({ key }: FactDifference): boolean => !alone.has(Number(/^(?:after )?event (\d+) /.exec(key)?.[1]));
  const found = differingFacts(outcomeUnder(a, behaviours), outcomeUnder(other, behaviours));
  return { first: firstPart(a, b, rows, behaviours), differences: found.filter(isOfBoth) };
};
