// SPDX-License-Identifier: GPL-2.0-only
import { MACHINE_LINE } from './csv-prologue.ts';
import { machineLines, TRACE_VERSION, VERSION_KEY } from './header.ts';
import type { Registry, TraceEvent, TraceHeader } from './operation.ts';
import { columnOrder, eventTexts } from './write-event.ts';

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The columns that `events` use, in canonical order. */
export const usedColumns = (events: Iterable<TraceEvent>, registry: Registry): readonly string[] => {
  const used = new Set<string>(['op']);
  let row = 0;
  for (const event of events) {
    row += 1;
    for (const name of eventTexts(event, row, registry).keys()) used.add(name);
  }
  return columnOrder(registry).filter((name) => used.has(name));
};

/** The directive lines and the header row. */
export const csvHead = (header: TraceHeader, columns: readonly string[]): string => {
  const { title, machine, directives } = header;
  const lines = [`# ${VERSION_KEY}: ${TRACE_VERSION}`];
  if (title !== undefined) lines.push(`# title: ${title}`);
  if (machine !== undefined) lines.push(`# machine: ${machine}`);
  for (const [key, value] of Object.entries(directives)) lines.push(`# ${key}: ${value}`);
  for (const line of machineLines(header)) lines.push(line === '' ? MACHINE_LINE : `${MACHINE_LINE} ${line}`);
  lines.push(columns.join(','));
  return `${lines.join('\n')}\n`;
};

/**
 * Writes rows one at a time, for traces that do not fit in memory. `columns` has to have every field of every event:
 * `columnOrder` has, {@link usedColumns} if the events are known beforehand.
 */
export class CsvRowWriter {
  readonly #columns: readonly string[];
  readonly #registry: Registry;
  #row = 0;

  constructor(columns: readonly string[], registry: Registry) {
    this.#columns = columns;
    this.#registry = registry;
  }

  row(event: TraceEvent): string {
    this.#row += 1;
    const texts = eventTexts(event, this.#row, this.#registry);
    return `${this.#columns.map((name) => cell(texts.get(name) ?? '')).join(',')}\n`;
  }
}

/** A whole trace as canonical CSV: only the columns that are used, texts in canonical form. */
export const formatCsv = (header: TraceHeader, events: readonly TraceEvent[], registry: Registry): string => {
  const columns = usedColumns(events, registry);
  const writer = new CsvRowWriter(columns, registry);
  return csvHead(header, columns) + events.map((event) => writer.row(event)).join('');
};
