// SPDX-License-Identifier: GPL-2.0-only
import { columnNames, EventDecoder, type Place } from './decode-event.ts';
import { type Chunk, type DecodedTrace, decodeWhole, slices, type TraceDecoder } from './decoder.ts';
import { type FlatEntry, readFlatJson } from './flat-json.ts';
import { isDirectiveKey, isDirectiveValue, MACHINE_TEXT_KEY, MachineLines, makeHeader } from './header.ts';
import { MAX_LINE_CHARS } from './limits.ts';
import { didYouMean } from './nearest.ts';
import type { Registry, TraceEvent, TraceHeader } from './operation.ts';
import type { Parsed, Problem } from './problem.ts';
import { ProblemList, quoted } from './problem-list.ts';
import { type Batch, RecordFramer } from './record-framer.ts';
import { badCharacter, badText, TextInput } from './text-input.ts';

/**
 * Decodes a trace in JSON lines: a header object `{"hvreplay-trace":1,"title":…,"machine":…}`, then one object per
 * event with each field as its canonical text (or, where that is a number, a whole number). It goes on after an error.
 */
export class JsonLinesDecoder implements TraceDecoder {
  readonly #problems = new ProblemList();
  readonly #input = new TextInput();
  readonly #framer = new RecordFramer(false);
  readonly #columns: readonly string[];
  readonly #cellOf: ReadonlyMap<string, number>;
  readonly #events: EventDecoder;
  #header: TraceHeader | undefined;
  #headerSeen = false;
  /** The header's, until the header is complete. */
  #directives: ReadonlyMap<string, string> | undefined;
  readonly #machine = new MachineLines();
  #headerLine = 1;
  readonly #headerColumns = new Map<string, number>();
  #line = 0;

  constructor(registry: Registry) {
    this.#columns = [...columnNames(registry)];
    this.#cellOf = new Map(this.#columns.map((name, cell) => [name, cell]));
    this.#events = new EventDecoder(registry, this.#columns, this.#problems);
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
    for (const batch of this.#framer.push(this.#input.end())) this.#take(batch, out);
    for (const batch of this.#framer.end()) this.#take(batch, out);
    if (!this.#headerSeen) this.#report(1, 'the file is empty; expected a header object {"hvreplay-trace":1}');
    this.#finishHeader();
    return out;
  }

  #report(column: number, message: string): void {
    this.#problems.add(() => ({ line: Math.max(this.#line, 1), column, message }));
  }

  #take({ text, fault }: Batch, out: TraceEvent[]): void {
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf('\n', at) + 1;
      this.#line += 1;
      if (fault === undefined) this.#takeLine(text.slice(at, end - 1), out);
      else {
        this.#report(1, `a line of more than ${MAX_LINE_CHARS} characters; expected shorter ones`);
        this.#skip();
      }
      at = end;
    }
  }

  #skip(): void {
    if (this.#headerSeen) this.#events.skip();
    this.#headerSeen = true;
  }

  #takeLine(text: string, out: TraceEvent[]): void {
    if (text.trim() === '') return;
    const bad = badCharacter(text);
    const object = readFlatJson(text);
    if (bad !== undefined) this.#report(bad.offset + 1, bad.message);
    else if (!object.ok) this.#report(object.column, object.message);
    else if (this.#headerSeen) {
      if (this.#takeMachineLine(object.entries)) return;
      this.#finishHeader();
      this.#takeEvent(object.entries, out);
      return;
    } else this.#takeHeader(object.entries);
    this.#skip();
  }

  #takeHeader(entries: readonly FlatEntry[]): void {
    this.#headerLine = this.#line;
    const directives = new Map<string, string>();
    for (const { key, value, column } of entries) {
      if (directives.has(key)) this.#report(column, `${key}: given twice; expected it once`);
      else if (!isDirectiveValue(value))
        this.#report(column, `${key}: expected one line of text without blanks around it; got ${quoted(value)}`);
      else if (!isDirectiveKey(key))
        this.#report(column, `expected a key of letters, digits and -; got ${quoted(key)}`);
      else {
        directives.set(key, value);
        this.#headerColumns.set(key, column);
      }
    }
    this.#directives = directives;
  }

  /** The header is complete where the machine file's lines end. */
  #finishHeader(): void {
    const directives = this.#directives;
    if (directives === undefined) return;
    const columnOf = (key: string): number => this.#headerColumns.get(key) ?? 1;
    const locate = (key = ''): Place => ({ line: this.#headerLine, column: columnOf(key) });
    this.#header = makeHeader(directives, this.#machine.text(), locate, this.#problems);
    this.#directives = undefined;
  }

  /** Whether the object is a line of the machine file, which follow on the header. */
  #takeMachineLine(entries: readonly FlatEntry[]): boolean {
    const [first] = entries;
    if (this.#directives === undefined || first?.key !== MACHINE_TEXT_KEY) return false;
    if (entries.length > 1) this.#report(1, `${MACHINE_TEXT_KEY}: expected no other key beside it`);
    this.#machine.add(first.value);
    return true;
  }

  #takeEvent(entries: readonly FlatEntry[], out: TraceEvent[]): void {
    const before = this.#problems.count;
    const line = this.#line;
    const cells: (string | undefined)[] = new Array(this.#columns.length).fill(undefined);
    for (const entry of entries) {
      const cell = this.#cellOf.get(entry.key);
      if (cell === undefined)
        this.#report(entry.column, `unknown key ${quoted(entry.key)}${didYouMean(entry.key, this.#columns)}`);
      else if (cells[cell] !== undefined) this.#report(entry.column, `${entry.key}: given twice; expected it once`);
      else cells[cell] = this.#cellText(entry);
    }
    if (this.#problems.count > before) {
      this.#events.skip();
      return;
    }
    const locate = (cell: number | undefined): Place => {
      const name = cell === undefined ? undefined : this.#columns[cell];
      return { line, column: entries.find(({ key }) => key === name)?.column ?? 1 };
    };
    const event = this.#events.decode(cells, locate);
    if (event !== undefined) out.push(event);
  }

  #cellText({ key, value, isNumber, column }: FlatEntry): string {
    if (isNumber && !(/^-?[0-9]+$/.test(value) && Number.isSafeInteger(Number(value))))
      this.#report(column, `${key}: expected text, or a whole number below 2^53; got ${quoted(value)}`);
    else {
      const bad = badText(value);
      if (bad !== undefined) this.#report(column, `${key}: ${bad}`);
    }
    return value;
  }
}

/** Decodes a whole trace in JSON lines; what is wrong with it is all reported at once. */
export const decodeJsonLines = (input: Chunk | Iterable<Chunk>, registry: Registry): Parsed<DecodedTrace> =>
  decodeWhole(new JsonLinesDecoder(registry), input);
