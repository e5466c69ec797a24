// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff';

/** Beyond so many changes texts have nothing in common and a minimal diff would take for ever. */
export const MAX_EDITS = 2000;

/** Items that stay, or that only one of two sequences has. */
interface Change {
  readonly removed: boolean;
  readonly added: boolean;
  readonly value: readonly string[];
}

/** The fewest removals and additions that make `b` of `a`; where those are too many, all of the one and all of the other. */
export const diffSequences = (a: readonly string[], b: readonly string[]): readonly Change[] =>
  diffArrays([...a], [...b], { maxEditLength: MAX_EDITS }) ?? [
    { removed: true, added: false, value: a },
    { removed: false, added: true, value: b },
  ];
