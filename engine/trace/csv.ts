// SPDX-License-Identifier: GPL-2.0-only
import {
  cellPlace,
  countNewlines,
  firstRecordEnd,
  parseRecord,
  parseRecords,
  placeAt,
  recordStarts,
} from './csv-cells.ts';
import { Directives, readColumns } from './csv-prologue.ts';
import { EventDecoder, type Locate, type Place } from './decode-event.ts';
import { type Chunk, type DecodedTrace, decodeWhole, slices, type TraceDecoder } from './decoder.ts';
import { MAX_COLUMNS, MAX_LINE_CHARS } from './limits.ts';
import type { Registry, TraceEvent, TraceHeader } from './operation.ts';
import type { Parsed, Problem } from './problem.ts';
import { ProblemList } from './problem-list.ts';
import { type Batch, RecordFramer } from './record-framer.ts';
import { badCharacter, hasBadCharacter, TextInput } from './text-input.ts';

/**
 * Decodes a CSV trace (RFC 4180 with `# key: value` lines in front; CRLF and a byte order mark are accepted, empty
 * lines are not rows). It goes on after an error, so that one run finds them all.
 */
export class CsvDecoder implements TraceDecoder {
  readonly #registry: Registry;
  readonly #problems = new ProblemList();
  readonly #input = new TextInput();
  readonly #framer = new RecordFramer(true);
  readonly #directives = new Directives(this.#problems);
  #header: TraceHeader | undefined;
  #events: EventDecoder | undefined;
  #state: 'directives' | 'rows' | 'given up' = 'directives';
  #columnCount = 0;
  /** Number of the line that the next record begins on. */
  #line = 1;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  get header(): TraceHeader | undefined {
    return this.#header;
  }

  get problems(): readonly Problem[] {
    return this.#problems.list();
  }

  push(chunk: Chunk): TraceEvent[] {
    const out: TraceEvent[] = [];
    for (const slice of slices(chunk))
      for (const batch of this.#framer.push(this.#input.push(slice))) this.#take(batch, out);
    return out;
  }

  end(): TraceEvent[] {
    const out: TraceEvent[] = [];
    const rest = this.#input.end();
    for (const batch of this.#framer.push(rest)) this.#take(batch, out);
    for (const batch of this.#framer.end()) this.#take(batch, out);
    if (this.#state === 'directives') {
      this.#directives.header();
      this.#report({ line: this.#line, column: 1 }, 'the file ends here; expected a header row naming the columns');
    }
    return out;
  }

  #report(place: Place, message: string): void {
    this.#problems.add(() => ({ ...place, message }));
  }

  #take(batch: Batch, out: TraceEvent[]): void {
    if (this.#state === 'given up') return;
    if (batch.fault !== undefined) {
      this.#takeFaulty(batch);
      return;
    }
    let { text } = batch;
    while (this.#state === 'directives' && text !== '') {
      const end = firstRecordEnd(text);
      this.#takePrologue(text.slice(0, end));
      text = text.slice(end);
    }
    if (this.#events === undefined || text === '') return;
    const rows = hasBadCharacter(text) ? undefined : parseRecords(text);
    if (rows === undefined) this.#takeOneByOne(text, this.#events, out);
    else this.#takeRows(rows, text, this.#events, out);
  }

  #takeFaulty({ text, fault }: Batch): void {
    const open = text.search(/(?<=^|,)"(?:[^"]|"")*$/);
    const place = fault === 'too long' ? { line: this.#line, column: 1 } : placeAt(text, Math.max(open, 0), this.#line);
    this.#report(
      place,
      fault === 'too long'
        ? `a line of more than ${MAX_LINE_CHARS} characters; expected shorter ones`
        : 'a quote that is never closed; expected a closing quote before the end of the row',
    );
    if (this.#state === 'directives' && !text.startsWith('#')) this.#state = 'given up';
    this.#events?.skip();
    this.#line += countNewlines(text);
  }

  #takePrologue(record: string): void {
    const line = this.#line;
    this.#line += countNewlines(record);
    const bad = badCharacter(record);
    if (bad !== undefined) this.#report(placeAt(record, bad.offset, line), bad.message);
    if (record.trim() === '') return;
    if (record.startsWith('#')) this.#directives.add(record, line);
    else this.#takeHeaderRow(record, line);
  }

  #takeHeaderRow(record: string, line: number): void {
    this.#header = this.#directives.header();
    this.#state = 'given up';
    const parsed = parseRecord(record);
    if ('fault' in parsed) {
      this.#report(cellPlace(record, parsed.cell, line), parsed.fault);
      return;
    }
    const columns = readColumns(parsed.cells, this.#registry, this.#problems, (cell) => cellPlace(record, cell, line));
    if (!columns.includes('op') || parsed.cells.length > MAX_COLUMNS) return;
    this.#columnCount = columns.length;
    this.#events = new EventDecoder(this.#registry, columns, this.#problems);
    this.#state = 'rows';
  }

  /** The way of almost all rows: `rows` are the cells of all records of `text`. */
  #takeRows(rows: readonly string[][], text: string, events: EventDecoder, out: TraceEvent[]): void {
    const quotes = text.includes('"');
    let starts: number[] | undefined;
    let line = this.#line;
    let index = 0;
    const locate: Locate = (cell) => {
      starts ??= recordStarts(text);
      return cellPlace(text.slice(starts[index], starts[index + 1]), cell ?? 0, line);
    };
    for (; index < rows.length; index += 1) {
      const cells = rows[index] ?? [];
      this.#takeRow(cells, events, locate, out);
      line += 1;
      if (quotes) for (const cell of cells) if (cell.includes('\n')) line += countNewlines(cell);
    }
    this.#line = line;
  }

  /** The way of records among which there is a fault that takes more than a look at the cells. */
  #takeOneByOne(text: string, events: EventDecoder, out: TraceEvent[]): void {
    const starts = recordStarts(text);
    starts.forEach((start, index) => {
      const record = text.slice(start, starts[index + 1]);
      const line = this.#line;
      this.#line += countNewlines(record);
      const bad = badCharacter(record);
      const parsed = parseRecord(record);
      if (bad !== undefined) this.#report(placeAt(record, bad.offset, line), bad.message);
      else if ('fault' in parsed) this.#report(cellPlace(record, parsed.cell, line), parsed.fault);
      else {
        this.#takeRow(parsed.cells, events, (cell) => cellPlace(record, cell ?? 0, line), out);
        return;
      }
      events.skip();
    });
  }

  #takeRow(cells: readonly string[], events: EventDecoder, locate: Locate, out: TraceEvent[]): void {
    if (cells.length === this.#columnCount && !cells[0]?.startsWith('#')) {
      if (cells.length === 1 && cells[0] === '') return;
      const event = events.decode(cells, locate);
      if (event !== undefined) out.push(event);
      return;
    }
    if (cells.length === 1 && cells[0]?.trim() === '') return;
    if (cells[0]?.startsWith('#'))
      this.#report(
        locate(undefined),
        'a line beginning with # among the rows; expected directives above the header row',
      );
    else {
      const { length } = cells;
      const place = locate(Math.min(length, this.#columnCount));
      this.#report(place, `${length} cells; expected ${this.#columnCount}, one for each column of the header row`);
    }
    events.skip();
  }
}

/** Decodes a whole CSV trace; what is wrong with it is all reported at once. */
export const decodeCsv = (input: Chunk | Iterable<Chunk>, registry: Registry): Parsed<DecodedTrace> =>
  decodeWhole(new CsvDecoder(registry), input);
