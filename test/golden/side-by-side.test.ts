// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../engine/golden/diff.ts';
import { type DiffLine, type DiffRow, sideBySide } from '../../engine/golden/side-by-side.ts';

const lines = (count: number): readonly string[] =>
  Array.from({ length: count }, (_none, index) => `line: ${index + 1}`);

const rowsOf = (want: readonly string[], got: readonly string[]): readonly DiffRow[] =>
  sideBySide(unifiedDiff('want', 'got', `${want.join('\n')}\n`, `${got.join('\n')}\n`));

const marked = (line: DiffLine | undefined): readonly string[] =>
  (line?.marks ?? []).map(([from, to]) => line?.text.slice(from, to) ?? '');

test('lines about one fact face each other, and what differs in them is marked', () => {
  const [row] = rowsOf(['event 4 physdev.add d0: 0'], ['event 4 physdev.add d0: -ENODEV']);
  if (row?.kind !== 'changed') throw new Error('the line has changed');
  expect([row.want?.line, row.got?.line]).toEqual([1, 1]);
  expect([marked(row.want), marked(row.got)]).toEqual([['0'], ['-ENODEV']]);
});

test('a fact that has no counterpart stands alone, in order', () => {
  const rows = rowsOf(['a: 1', 'b: 1', 'c: 1'], ['a: 2', 'x: 1', 'c: 2']);
  expect(rows.map((row) => (row.kind === 'changed' ? [row.want?.text, row.got?.text] : row.kind))).toEqual([
    ['a: 1', 'a: 2'],
    ['b: 1', undefined],
    [undefined, 'x: 1'],
    ['c: 1', 'c: 2'],
  ]);
});

test('lines far from a change are counted, not shown, and the numbers are those of the texts', () => {
  const want = lines(30);
  const got = want.map((line, index) => (index === 9 || index === 24 ? `${line}!` : line));
  const rows = rowsOf(want, got);
  expect(rows.filter(({ kind }) => kind === 'skipped')).toEqual([
    { kind: 'skipped', count: 6 },
    { kind: 'skipped', count: 8 },
  ]);
  for (const row of rows)
    if (row.kind !== 'skipped')
      expect([row.want?.text, row.got?.text]).toEqual(
        [want, got].map((text, side) => text[((side === 0 ? row.want : row.got)?.line ?? 0) - 1]),
      );
});

test('texts that differ in too many lines have no rows', () => {
  expect(
    rowsOf(
      lines(3000),
      lines(3000).map((line) => `${line}?`),
    ),
  ).toEqual([]);
});
