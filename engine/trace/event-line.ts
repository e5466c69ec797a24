// SPDX-License-Identifier: GPL-2.0-only
import { csvRecordEnd } from './record-framer.ts';

const newlinesIn = (text: string): number => text.split('\n').length - 1;

/**
 * The line, counted from 1, on which the record with this index (from 0) begins; undefined: there are fewer.
 * `isRecord`: whether a piece of text, a line or more, counts.
 */
const lineOfRecord = (
  text: string,
  index: number,
  endOf: (start: number) => number,
  isRecord: (record: string) => boolean,
): number | undefined => {
  let [line, left] = [1, index];
  for (let start = 0; start < text.length; ) {
    const found = endOf(start);
    const end = found > 0 ? found : text.length;
    const record = text.slice(start, end);
    if (isRecord(record)) {
      if (left === 0) return line;
      left -= 1;
    }
    line += newlinesIn(record);
    start = end;
  }
  return undefined;
};

/** The line of the event with this index (from 0) in a CSV trace without faults. */
export const csvEventLine = (text: string, index: number): number | undefined =>
  lineOfRecord(
    text,
    index + 1,
    (start) => csvRecordEnd(text, start),
    (record) => !record.startsWith('#') && record.replace(/^\ufeff/, '').trim() !== '' && !record.startsWith('\ufeff#'),
  );

/** The line of the event with this index (from 0) in a trace in JSON lines without faults. */
export const jsonEventLine = (text: string, index: number): number | undefined =>
  lineOfRecord(
    text,
    index + 1,
    (start) => text.indexOf('\n', start) + 1,
    (record) => record.trim() !== '',
  );
