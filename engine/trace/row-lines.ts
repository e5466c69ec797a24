// SPDX-License-Identifier: GPL-2.0-only
import { countNewlines, firstRecordEnd } from './csv-cells.ts';
import { MACHINE_TEXT_KEY } from './header.ts';

/** A row of a single column may be nothing but a pair of quotes. */
const isEmptyRecord = (record: string): boolean => record.trim() === '' || record.trim() === '""';

/** The line, from 1, on which each event of a CSV trace without faults begins, in their order. */
export const csvRowLines = (text: string): readonly number[] => {
  const lines: number[] = [];
  let line = 1;
  let hasColumns = false;
  for (let at = 0; at < text.length; ) {
    const end = firstRecordEnd(text, at);
    const record = text.slice(at, end);
    if (hasColumns && !isEmptyRecord(record)) lines.push(line);
    hasColumns ||= !record.startsWith('#') && record.trim() !== '';
    line += countNewlines(record);
    at = end;
  }
  return lines;
};

/** Of a JSON lines trace: belongs to the header. */
const MACHINE_LINE = new RegExp(`^\\s*\\{\\s*"${MACHINE_TEXT_KEY}"`);

/** The same for JSON lines. */
export const jsonRowLines = (text: string): readonly number[] => {
  const lines: number[] = [];
  text.split('\n').forEach((one, index) => {
    if (one.trim() !== '' && !MACHINE_LINE.test(one)) lines.push(index + 1);
  });
  return lines.slice(1);
};
