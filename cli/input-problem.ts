// SPDX-License-Identifier: GPL-2.0-only
import { directivePlace } from '../engine/trace/header.ts';
import type { TraceHeader } from '../engine/trace/operation.ts';
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

/** A fault of the directive `key`, which may be missing, at its place. */
export const directiveFault = (path: string, header: TraceHeader, key: string, message: string): InputProblem => ({
  file: path,
  ...directivePlace(header, key),
  message,
});

/** `file:line:column: message`, as compilers write it. */
export const formatProblem = (problem: InputProblem): string => {
  const file = problem.file === '-' ? '<stdin>' : problem.file;
  const place = [file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return `${place}: ${problem.message}\n`;
};
