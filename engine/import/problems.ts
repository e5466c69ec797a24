// SPDX-License-Identifier: GPL-2.0-only
import type { Parsed, Problem } from '../trace/problem.ts';
import { MAX_TEXT_BYTES, MAX_TEXT_LINES } from './limits.ts';

/** A fault or remark about one line of an imported text; lines count from 1. */
export const problemAt = (line: number | undefined, message: string): Problem => ({ line, column: undefined, message });

const CARRIAGE_RETURN = '\r';

/** What `/\r+$/` would find, but in time that grows with the line and not with its square. */
const withoutReturns = (line: string): string => {
  let end = line.length;
  while (line[end - 1] === CARRIAGE_RETURN) end -= 1;
  return line.slice(0, end);
};

/** Lines of a text whatever its line ends, without a last empty one; serial consoles end lines with several `\r`. */
export const linesOf = (text: string): readonly string[] => {
  const lines = text.split('\n').map(withoutReturns);
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

/** What is wrong with a text of whole lines that ends in the middle of one; undefined: it does not. */
export const cutOff = (text: string): Problem | undefined =>
  text === '' || text.endsWith('\n')
    ? undefined
    : problemAt(linesOf(text).length, 'ends in the middle of a line: the file is truncated');

/** Clocks of several processors, and buffers that were read one after the other, may be so far apart, in ns. */
const MAX_RUN_BACK = 1_000_000_000n;

/** What is wrong with a line whose time is before that of the line before it; undefined: both may be of one run. */
export const runsBack = (line: number, before: bigint | undefined, time: bigint): Problem | undefined =>
  before === undefined || time >= before - MAX_RUN_BACK
    ? undefined
    : problemAt(line, 'time runs back: another run begins here; expected the lines of one run');

const LINE_FEED = 10;

/** Why bytes are more text than is worked on; undefined: they are not. */
const tooMuch = (bytes: Uint8Array): Problem | undefined => {
  if (bytes.length > MAX_TEXT_BYTES) return problemAt(undefined, `more than ${MAX_TEXT_BYTES / 2 ** 20} MiB of text`);
  let lines = 1;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0 && at < bytes.length - 1; at = bytes.indexOf(LINE_FEED, at + 1)) {
    lines += 1;
    if (lines > MAX_TEXT_LINES) return problemAt(lines, `more than ${MAX_TEXT_LINES} lines; expected those of one run`);
  }
  return undefined;
};

/** Reads bytes as text, unless there is so much of it that it is no record of a run: it may be a few bytes, inflated. */
export const readAsText = <T>(bytes: Uint8Array, read: (text: string) => Parsed<T>): Parsed<T> => {
  const problem = tooMuch(bytes);
  return problem === undefined ? read(new TextDecoder().decode(bytes)) : { ok: false, problems: [problem] };
};
