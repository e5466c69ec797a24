// SPDX-License-Identifier: GPL-2.0-only

/** A fault in what the user gave, with its place. `line` and `column` count from 1. */
export interface Problem {
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** What is wrong, what was expected and what to do, in one sentence. */
  readonly message: string;
}

/** More faults than this in one file are counted, not listed. */
export const MAX_PROBLEMS_LISTED = 50;

/** Either a value or all that is wrong with the input. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };
