// SPDX-License-Identifier: GPL-2.0-only
import type { SystemBehaviours } from '../semantics/states.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import { advance, MAX_STATES, startWalk, stateText } from './compare-first.ts';
import { differingFacts, type FactDifference, outcomeUnder, type Subject } from './compare-outcome.ts';
import { type EventReasons, whyEvent } from './why.ts';

/** A row that two traces have, by its index in each; or that only one has. */
export interface RowPair {
  readonly a: number | undefined;
  readonly b: number | undefined;
}

/** A row after which the two are not the same, with what each answered to it and the rules that decided. */
export interface PartingRow {
  readonly row: RowPair;
  /** undefined: the trace has no such row. */
  readonly a: EventReasons | undefined;
  readonly b: EventReasons | undefined;
}

/** Where the outcomes of two traces part. */
export interface TracesPart extends PartingRow {
  /** `row`: only one of the traces has it, and it has changed the state. */
  readonly what: 'answer' | 'state' | 'row';
}

export interface TraceComparison {
  /** Where answers or states first differ; undefined: nowhere. */
  readonly first: TracesPart | undefined;
  /** The first row of both that is answered differently; undefined: none is, or `first` is about it. */
  readonly answer: PartingRow | undefined;
  /** All facts of the whole outcomes that differ, answers of rows that only one trace has left out. */
  readonly differences: readonly FactDifference[];
}

const eventAt = ({ events }: Subject, index: number | undefined): TraceEvent | undefined =>
  index === undefined ? undefined : events[index];

/** Whether a row is answered differently; the state that a checkpoint shows is no answer. */
const linesDiffer = ({ render }: Subject, event: TraceEvent, a: ResultLine, b: ResultLine): boolean => {
  const [textA, textB] = [a, b].map(({ state: _state, ...line }) => render([{ ...line, seq: event.seq }], [event]));
  return textA !== textB;
};

/** Events of B under the numbers that the same rows have in A; others get numbers that A does not have. */
const renumbered = (a: Subject, b: Subject, rows: readonly RowPair[]): Subject => {
  const base = (a.events.at(-1)?.seq ?? 0) + 1;
  const events = rows.flatMap((row): readonly TraceEvent[] => {
    const event = eventAt(b, row.b);
    if (event === undefined) return [];
    const same = eventAt(a, row.a);
    return [{ ...event, seq: same?.seq ?? base + (row.b ?? 0), note: same?.note ?? event.note }];
  });
  return { ...b, events };
};

/** The rows at which two traces part. */
interface Parting {
  first?: Pick<TracesPart, 'row' | 'what'>;
  answer?: RowPair;
}

/**
 * Goes through both, row by row, until a row is answered differently, or one of the replays ends. Of long traces not all
 * states are looked at.
 */
const findParting = (a: Subject, b: Subject, rows: readonly RowPair[], behaviours: SystemBehaviours): Parting => {
  const [walkA, walkB] = [startWalk(a, behaviours), startWalk(b, behaviours)];
  const anchor: TraceEvent = { seq: 0, op: 'checkpoint', args: {}, time: undefined, ret: undefined, note: undefined };
  const stride = Math.ceil(rows.length / MAX_STATES);
  const found: Parting = {};
  for (const [index, row] of rows.entries()) {
    const [eventA, eventB] = [eventAt(a, row.a), eventAt(b, row.b)];
    const [lineA, lineB] = [eventA && advance(walkA, eventA), eventB && advance(walkB, eventB)];
    if (walkA.hasEnded !== walkB.hasEnded || (lineA && lineB && eventA && linesDiffer(a, eventA, lineA, lineB)))
      return { first: { row, what: 'answer' }, ...found, answer: row };
    if (walkA.hasEnded) return found;
    const isLooked = found.first === undefined && (index % stride === 0 || index === rows.length - 1);
    if (isLooked && stateText(a, walkA, anchor) !== stateText(b, walkB, anchor))
      found.first = { row, what: eventA === undefined || eventB === undefined ? 'row' : 'state' };
  }
  return found;
};

const reasonsAt = (
  subject: Subject,
  behaviours: SystemBehaviours,
  index: number | undefined,
): EventReasons | undefined => {
  const found = index === undefined ? undefined : whyEvent(subject, behaviours, index);
  return found === undefined || 'end' in found ? undefined : found;
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
      return [eventAt(a, row.a)?.seq ?? (a.events.at(-1)?.seq ?? 0) + 1 + (row.b ?? 0)];
    }),
  );
  const isOfBoth = ({ key }: FactDifference): boolean => !alone.has(Number(/^(?:after )?event (\d+) /.exec(key)?.[1]));
  const found = differingFacts(outcomeUnder(a, behaviours), outcomeUnder(other, behaviours));
  const { first, answer } = findParting(a, b, rows, behaviours);
  const explained = (row: RowPair): PartingRow => ({
    row,
    a: reasonsAt(a, behaviours, row.a),
    b: reasonsAt(b, behaviours, row.b),
  });
  return {
    first: first && { ...explained(first.row), what: first.what },
    answer: answer === undefined || answer === first?.row ? undefined : explained(answer),
    differences: found.filter(isOfBoth),
  };
};
