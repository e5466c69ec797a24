// SPDX-License-Identifier: GPL-2.0-only
import { basename } from 'node:path';
import { type AlignedRow, alignEvents } from '../engine/golden/align.ts';
import { answerOf, eventKey } from '../engine/golden/event-facts.ts';
import { compareTraces, type PartingRow, type TraceComparison } from '../engine/replay/compare-traces.ts';
import type { EventReasons } from '../engine/replay/why.ts';
import type { SystemState } from '../engine/semantics/states.ts';
import { factsText } from './cause-text.ts';
import { model } from './model.ts';
import type { LoadedTrace } from './session.ts';
import type { OpenedSubject } from './subject.ts';
import { counted, formatJson, short, wrapped } from './text.ts';
import { reasonsJson, ruleLines } from './why-text.ts';

/** What comparing two traces prints, and whether they differ. */
interface Told {
  readonly text: string;
  readonly differ: boolean;
}

interface Compared extends TraceComparison {
  readonly rows: readonly AlignedRow[];
}

const compared = (a: OpenedSubject, b: OpenedSubject, { behaviours }: SystemState): Compared => {
  const rows = alignEvents(a.subject.events, b.subject.events, model.registry);
  return { rows, ...compareTraces(a.subject, b.subject, rows, behaviours) };
};

/** `nic.csv:12 event 4 cfg.write d0 …`. */
const rowText = ({ path, events, lineOf }: LoadedTrace, index: number | undefined): string => {
  const event = index === undefined ? undefined : events[index];
  if (event === undefined || index === undefined) return '';
  const line = lineOf(index);
  return `${basename(path)}${line === undefined ? '' : `:${line}`} ${eventKey(event, model.registry)}`;
};

/** So many rows that only one trace has are listed. */
const ROWS_SHOWN = 6;

const aloneLines = (a: LoadedTrace, b: LoadedTrace, rows: readonly AlignedRow[], all: boolean): readonly string[] => {
  const alone = rows.filter((row) => row.a === undefined || row.b === undefined);
  const shown = all ? alone : alone.slice(0, ROWS_SHOWN);
  const lines = shown.map((row) =>
    short(row.b === undefined ? `  - ${rowText(a, row.a)}` : `  + ${rowText(b, row.b)}`),
  );
  const both = rows.length - alone.length;
  return [
    `${counted(both, 'row')} in both, - ${rows.filter((row) => row.b === undefined).length} only in the first, + ${rows.filter((row) => row.a === undefined).length} only in the second`,
    ...lines,
    ...(alone.length > shown.length ? [`  and ${alone.length - shown.length} more (--all)`] : []),
  ];
};

/** What one side answered to a row, and the rules that it applied and the other side did not. */
const sideLines = (
  name: string,
  own: EventReasons,
  other: EventReasons | undefined,
  all: boolean,
): readonly string[] => {
  const shared = new Set(other?.decisions.map((decision) => JSON.stringify(decision)));
  const alone = own.decisions.filter((decision) => !shared.has(JSON.stringify(decision)));
  const answer = answerOf(own.answer, own.event);
  const said = [...(answer === '' ? [] : [answer]), ...(alone.length === 0 ? [] : ['decided by'])];
  if (said.length === 0) return [];
  return [...wrapped(`${name}: ${said.join(', ')}`, 2), ...ruleLines(alone, all, 4)];
};

const HEADINGS = {
  answer: 'first in the answer to',
  state: 'first in the state after',
  row: 'first in the state after',
  later: 'the first answer that differs is that to',
} as const;

/** A row at which the two part, with what each made of it. */
const partText = (
  heading: keyof typeof HEADINGS,
  { row, a, b }: PartingRow,
  traces: readonly [LoadedTrace, LoadedTrace],
  all: boolean,
): string => {
  const at = row.a === undefined ? rowText(traces[1], row.b) : rowText(traces[0], row.a);
  const lines = [
    ...wrapped(`${HEADINGS[heading]} ${at}`, 0),
    ...(a === undefined ? [] : sideLines('first', a, b, all)),
    ...(b === undefined ? [] : sideLines('second', b, a, all)),
  ];
  return `${lines.join('\n')}\n`;
};

/** For people. */
export const tracesText = (a: OpenedSubject, b: OpenedSubject, state: SystemState, all: boolean): Told => {
  const { rows, first, answer, differences } = compared(a, b, state);
  const differ = first !== undefined || differences.length > 0;
  const traces = [a.trace, b.trace] as const;
  const parts = [
    `${a.trace.path}\n${b.trace.path}\non ${state.name} they ${differ ? 'differ' : 'agree'}\n${
      a.trace.machineDigest === b.trace.machineDigest ? '' : 'their machines are not the same\n'
    }`,
    `${aloneLines(a.trace, b.trace, rows, all).join('\n')}\n`,
    ...(first === undefined ? [] : [partText(first.what, first, traces, all)]),
    ...(answer === undefined ? [] : [partText('later', answer, traces, all)]),
    ...(differences.length === 0 ? [] : [factsText(differences, ['first', 'second'], all)]),
  ];
  return { text: parts.join('\n'), differ };
};

/** For programs. */
export const tracesJson = (a: OpenedSubject, b: OpenedSubject, state: SystemState): Told => {
  const { rows, first, answer, differences } = compared(a, b, state);
  const differ = first !== undefined || differences.length > 0;
  const seqs = (row: AlignedRow): object => ({
    a: row.a === undefined ? null : a.subject.events[row.a]?.seq,
    b: row.b === undefined ? null : b.subject.events[row.b]?.seq,
  });
  const told = ({ path, lineOf }: LoadedTrace, reasons: EventReasons | undefined): object | null =>
    reasons === undefined
      ? null
      : reasonsJson(reasons, { all: true, file: basename(path), lineOf: (row) => lineOf(row - 1) });
  const part = ({ row, ...reasons }: PartingRow): object => ({
    ...seqs(row),
    reasons: { a: told(a.trace, reasons.a), b: told(b.trace, reasons.b) },
  });
  const json = {
    ...{ traces: [a.trace.path, b.trace.path], release: state.name, differ },
    alone: rows.filter((row) => row.a === undefined || row.b === undefined).map(seqs),
    first: first === undefined ? null : { ...part(first), what: first.what },
    answer: answer === undefined ? null : part(answer),
    facts: differences.map(({ key, ...values }) => ({ key, a: values.a ?? null, b: values.b ?? null })),
  };
  return { text: formatJson(json), differ };
};
