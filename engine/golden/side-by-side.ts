// SPDX-License-Identifier: GPL-2.0-only
import { diffWordsWithSpace, parsePatch, type StructuredPatchHunk } from 'diff';
import { parseFact } from './fact.ts';

/** One line of one of two texts. */
export interface DiffLine {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  /** What is not in the other text's line: from, up to but without, in UTF-16 units. */
  readonly marks?: readonly (readonly [from: number, to: number])[];
}

/** Two lines that face each other; one alone is gone or has come. Or so many equal lines that are not shown. */
export type DiffRow =
  | { readonly kind: 'same'; readonly want: DiffLine; readonly got: DiffLine }
  | { readonly kind: 'changed'; readonly want?: DiffLine; readonly got?: DiffLine }
  | { readonly kind: 'skipped'; readonly count: number };

/** Longer lines are not compared word by word. */
const MAX_MARKED_LENGTH = 2000;

const keyOf = (line: string): string => parseFact(line)?.key ?? line;

/** Lines of a block that face each other: those about the same fact, in order; the others stand alone. */
const pairs = (gone: readonly DiffLine[], come: readonly DiffLine[]): readonly DiffRow[] => {
  const rows: DiffRow[] = [];
  let next = 0;
  for (const want of gone) {
    const at = come.findIndex((got, index) => index >= next && keyOf(got.text) === keyOf(want.text));
    if (at < 0) {
      rows.push({ kind: 'changed', want });
      continue;
    }
    for (const got of come.slice(next, at)) rows.push({ kind: 'changed', got });
    rows.push({ kind: 'changed', ...marked(want, come[at] ?? want) });
    next = at + 1;
  }
  for (const got of come.slice(next)) rows.push({ kind: 'changed', got });
  return rows;
};

const marked = (want: DiffLine, got: DiffLine): { readonly want: DiffLine; readonly got: DiffLine } => {
  if (want.text.length + got.text.length > MAX_MARKED_LENGTH) return { want, got };
  const [gone, come]: [[number, number][], [number, number][]] = [[], []];
  let [left, right] = [0, 0];
  for (const { value, added, removed } of diffWordsWithSpace(want.text, got.text)) {
    if (removed) gone.push([left, left + value.length]);
    if (added) come.push([right, right + value.length]);
    if (!added) left += value.length;
    if (!removed) right += value.length;
  }
  return { want: { ...want, marks: gone }, got: { ...got, marks: come } };
};

/** A hunk's lines, those that were changed together facing each other. */
const hunkRows = ({ lines, oldStart, newStart }: StructuredPatchHunk): readonly DiffRow[] => {
  const rows: DiffRow[] = [];
  let [left, right] = [oldStart, newStart];
  let [gone, come]: [DiffLine[], DiffLine[]] = [[], []];
  const flush = (): void => {
    rows.push(...pairs(gone, come));
    [gone, come] = [[], []];
  };
  for (const line of lines) {
    const text = line.slice(1);
    if (line.startsWith('-')) gone.push({ line: left++, text });
    else if (line.startsWith('+')) come.push({ line: right++, text });
    else if (line.startsWith(' ')) {
      flush();
      rows.push({ kind: 'same', want: { line: left++, text }, got: { line: right++, text } });
    }
  }
  flush();
  return rows;
};

const HUNK = /^@@ -\d/m;

/** A unified diff of one file as rows of two columns. None where it says only that too much differs. */
export const sideBySide = (unified: string): readonly DiffRow[] => {
  if (!HUNK.test(unified)) return [];
  const rows: DiffRow[] = [];
  let next = 1;
  for (const hunk of parsePatch(unified)[0]?.hunks ?? []) {
    if (hunk.oldStart > next) rows.push({ kind: 'skipped', count: hunk.oldStart - next });
    rows.push(...hunkRows(hunk));
    next = hunk.oldStart + hunk.oldLines;
  }
  return rows;
};
