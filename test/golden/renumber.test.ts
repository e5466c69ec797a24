// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { differences } from '../../engine/golden/diff.ts';
import { numberedAsNow } from '../../engine/golden/renumber.ts';

/** A golden body of these rows; `state` is a checkpoint with one fact, `-` a row that answers nothing. */
const body = (...rows: readonly string[]): string => {
  const lines = rows.flatMap((row, index) =>
    ['-', 'state'].includes(row) ? [] : [`event ${index + 1} ${row}: 0`, `event ${index + 1} ${row} -> hardware: 1`],
  );
  const states = rows.flatMap((row, index) =>
    row === 'state' ? [`\n[state after event ${index + 1}: on]`, `after event ${index + 1} p2m d0: empty`] : [],
  );
  return `[results]\n${[...lines, ...states].join('\n')}\n\n[final state]\nfinal p2m d0: empty\n`;
};

const OLD = body('boot', '-', 'add A', 'add B', 'state', 'remove A');

test.each([
  ['a row more', body('boot', '-', 'add C', 'add A', 'add B', 'state', 'remove A'), ['event 3 add C']],
  ['a row that answers nothing more', body('boot', '-', '-', 'add A', 'add B', 'state', 'remove A'), []],
  ['a row less', body('boot', '-', 'add B', 'state', 'remove A'), ['event 3 add A']],
  [
    'another row in its place',
    body('boot', '-', 'add A', 'add D', 'state', 'remove A'),
    ['event 4 add B', 'event 4 add D'],
  ],
  ['a checkpoint more', body('boot', '-', 'state', 'add A', 'add B', 'state', 'remove A'), ['after event 3']],
  ['a checkpoint less', body('boot', '-', 'add A', 'add B', 'remove A'), ['after event 5']],
])('%s is all that differs', (_what, now, expected) => {
  const found = differences(numberedAsNow(OLD, now, 'trace'), now).map(({ key }) => key);
  for (const key of found) expect(expected.some((start) => key.startsWith(start))).toBe(true);
  for (const start of expected) expect(found.some((key) => key.startsWith(start))).toBe(true);
});

test('answers that change are told of the rows as they are numbered now', () => {
  const now = body('-', 'boot', '-', 'add A', 'add B', 'state', 'remove A').replace('remove A: 0', 'remove A: -ENODEV');
  expect(differences(numberedAsNow(OLD, now, 'trace and machine'), now)).toMatchObject([
    { key: 'event 7 remove A', event: 7, want: '0', got: '-ENODEV' },
  ]);
});

test('a trace that is as it was keeps its numbers, whatever differs', () => {
  const now = body('boot', '-', '-', 'add A');
  expect(numberedAsNow(OLD, now, undefined)).toBe(OLD);
  expect(numberedAsNow(OLD, now, 'machine')).toBe(OLD);
});
