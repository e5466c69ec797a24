// SPDX-License-Identifier: GPL-2.0-only
import type { Problem } from '../engine/trace/problem.ts';

/** A fault in an input file; `file` as the user knows it. */
export interface InputProblem extends Problem {
  readonly file: string;
}

export type Loaded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** A fault of the file as a whole. */
export const fault = (
  file: string,
  message: string,
): { readonly ok: false; readonly problems: readonly InputProblem[] } => ({
  ok: false,
  problems: [{ file, line: undefined, column: undefined, message }],
});

/** `file:line:column: message`, as compilers write it. */
export const formatProblem = (problem: InputProblem): string => {
  const file = problem.file === '-' ? '<stdin>' : problem.file;
  const place = [file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return `${place}: ${problem.message}\n`;
};
