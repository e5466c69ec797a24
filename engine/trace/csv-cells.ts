// SPDX-License-Identifier: GPL-2.0-only
import { CsvError, parse } from 'csv-parse/sync';
import type { Place } from './decode-event.ts';
import { csvRecordEnd } from './record-framer.ts';

/** The cells of each record; undefined if the quotes of any of them are wrong. An empty line is one empty cell. */
export const parseRecords = (text: string): string[][] | undefined => {
  // Without quotes cells are what is between commas, and nearly no record has quotes.
  if (!/["\r]/.test(text) && text.endsWith('\n'))
    return text
      .slice(0, -1)
      .split('\n')
      .map((record) => record.split(','));
  try {
    return parse(text, {
      relax_column_count: true,
      record_delimiter: text.includes('\r') ? ['\r\n', '\n'] : '\n',
    });
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
};

const QUOTE_FAULTS: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'text after the closing quote of a cell; expected a comma, or "" for a quote in the text',
  INVALID_OPENING_QUOTE: 'a quote in a cell that does not begin with one; expected the whole cell quoted',
  CSV_QUOTE_NOT_CLOSED: 'a quote that is never closed; expected a closing quote before the end of the row',
};

/** The cells of one record, or what is wrong with its quotes and in which cell. */
export const parseRecord = (
  record: string,
): { readonly cells: readonly string[] } | { readonly fault: string; readonly cell: number } => {
  if (!record.includes('"')) return { cells: record.replace(/\r?\n$/, '').split(',') };
  try {
    return { cells: parse(record, { relax_column_count: true, record_delimiter: ['\r\n', '\n'] })[0] ?? [''] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { column } = error;
    return { fault: QUOTE_FAULTS[error.code] ?? error.message, cell: typeof column === 'number' ? column : 0 };
  }
};

/** Where the record at `start` ends. What is not complete ends with its line. */
export const firstRecordEnd = (text: string, start = 0): number => {
  const end = csvRecordEnd(text, start);
  if (end > 0) return end;
  const lineEnd = text.indexOf('\n', start) + 1;
  return lineEnd > 0 ? lineEnd : text.length;
};

/** Offsets at which the records of `text` begin. */
export const recordStarts = (text: string): number[] => {
  const starts: number[] = [];
  for (let at = 0; at < text.length; at = firstRecordEnd(text, at)) starts.push(at);
  return starts;
};

/** How many newlines `text` has. */
export const countNewlines = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
};

/** The place `offset` characters into a text that begins in column 1 of `line`. Characters, not UTF-16 units, count. */
export const placeAt = (text: string, offset: number, line: number): Place => {
  const before = text.slice(0, offset);
  return { line: line + countNewlines(before), column: [...before.slice(before.lastIndexOf('\n') + 1)].length + 1 };
};

/** Where cell `cell`, from 0, of a record begins that begins on `line`; past the last cell: the record's end. */
export const cellPlace = (record: string, cell: number, line: number): Place => {
  let at = 0;
  for (let left = cell; left > 0; left -= 1) {
    if (record[at] === '"') {
      let close = record.indexOf('"', at + 1);
      while (close >= 0 && record[close + 1] === '"') close = record.indexOf('"', close + 2);
      if (close > 0) at = close;
    }
    const comma = record.indexOf(',', at);
    if (comma < 0) return placeAt(record, record.replace(/\r?\n$/, '').length, line);
    at = comma + 1;
  }
  return placeAt(record, at, line);
};
