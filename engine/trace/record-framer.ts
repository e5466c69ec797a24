// SPDX-License-Identifier: GPL-2.0-only
import { MAX_LINE_CHARS } from './limits.ts';

/** Complete records in file order, each ending with a newline; or, with a fault, exactly one line that is no record. */
export interface Batch {
  readonly text: string;
  readonly fault: 'too long' | 'open quote' | undefined;
}

/**
 * Where the CSV record that begins at `start` ends: the offset after its newline, -1 if it is not complete. A newline
 * within a quoted cell does not end it; a quote only opens a cell at the cell's start; a line beginning with # has
 * no cells (RFC 4180, section 2, and this format's directives).
 */
export const csvRecordEnd = (text: string, start: number): number => {
  if (text[start] === '#') return text.indexOf('\n', start) + 1 || -1;
  let cellStart = true;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\n') return at + 1;
    if (character === '"' && cellStart) {
      let close = text.indexOf('"', at + 1);
      while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
      if (close < 0) return -1;
      at = close;
    }
    cellStart = character === ',';
  }
  return -1;
};

/** Cuts text that comes in pieces into records. Keeps at most one incomplete record of {@link MAX_LINE_CHARS}. */
export class RecordFramer {
  #pending = '';
  /** Within a line that was too long: drop everything up to its end. */
  #skipping = false;
  #quotes: boolean;

  /** `quotes`: newlines within quoted CSV cells do not end a record. */
  constructor(quotes: boolean) {
    this.#quotes = quotes;
  }

  push(text: string): Batch[] {
    const batches: Batch[] = [];
    let rest = text;
    if (this.#skipping) {
      const end = text.indexOf('\n');
      if (end < 0) return batches;
      this.#skipping = false;
      rest = text.slice(end + 1);
    }
    this.#pending += rest;
    if (rest.includes('\n')) this.#takeComplete(batches);
    while (this.#pending.length > MAX_LINE_CHARS) this.#giveUpOnFirstLine(batches);
    return batches;
  }

  end(): Batch[] {
    const batches: Batch[] = [];
    if (this.#pending === '') return batches;
    if (!this.#pending.endsWith('\n')) this.#pending += '\n';
    this.#takeComplete(batches);
    while (this.#pending !== '') this.#giveUpOnFirstLine(batches);
    return batches;
  }

  #takeComplete(batches: Batch[]): void {
    const text = this.#pending;
    const end = this.#lastEnd(text);
    if (end === 0) return;
    const firstEnd = text.length > MAX_LINE_CHARS ? this.#recordEnd(text, 0) : 0;
    if (firstEnd > MAX_LINE_CHARS) {
      batches.push({ text: text.slice(0, firstEnd), fault: 'too long' });
      if (firstEnd < end) batches.push({ text: text.slice(firstEnd, end), fault: undefined });
    } else batches.push({ text: text.slice(0, end), fault: undefined });
    this.#pending = text.slice(end);
  }

  /** A record that goes on for too long, or to the end of the file, is a long line or has a quote that never closes. */
  #giveUpOnFirstLine(batches: Batch[]): void {
    const end = this.#pending.indexOf('\n') + 1;
    if (end > 0) {
      // From here on quotes are looked at line by line: looking for each one's partner again would take forever.
      this.#quotes = false;
      batches.push({ text: this.#pending.slice(0, end), fault: 'open quote' });
      this.#pending = this.#pending.slice(end);
      this.#takeComplete(batches);
    } else {
      batches.push({ text: '\n', fault: 'too long' });
      this.#pending = '';
      this.#skipping = true;
    }
  }

  #recordEnd(text: string, start: number): number {
    return this.#quotes ? csvRecordEnd(text, start) : text.indexOf('\n', start) + 1 || -1;
  }

  /** Offset after the last complete record, 0 if there is none. */
  #lastEnd(text: string): number {
    if (!this.#quotes || !text.includes('"')) return text.lastIndexOf('\n') + 1;
    let end = 0;
    for (let next = csvRecordEnd(text, 0); next > 0; next = csvRecordEnd(text, next)) end = next;
    return end;
  }
}
