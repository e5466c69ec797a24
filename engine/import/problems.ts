// SPDX-License-Identifier: GPL-2.0-only
import type { Problem } from '../trace/problem.ts';

/** A fault or remark about one line of an imported text; lines count from 1. */
export const problemAt = (line: number | undefined, message: string): Problem => ({ line, column: undefined, message });

/** Lines of a text whatever its line ends, without a last empty one; serial consoles end lines with several `\r`. */
export const linesOf = (text: string): readonly string[] => {
  const lines = text.split('\n').map((line) => line.replace(/\r+$/, ''));
  if (lines.at(-1) === '') lines.pop();
  return lines;
};
