// SPDX-License-Identifier: GPL-2.0-only
import type { Tally } from './run.ts';

const HEAD = ['', 'cases', 'answers compared', 'differences', 'traces/s', 'rows/s'];

const perSecond = (count: number, { seconds }: Tally): string =>
  seconds > 0 ? `${Math.round(count / seconds)}` : 'unknown';

const cellsOf = (name: string, tally: Tally): readonly string[] => [
  name,
  `${tally.cases}`,
  `${tally.answers}`,
  `${tally.differences.length}`,
  perSecond(tally.cases, tally),
  perSecond(tally.rows, tally),
];

/** A table of text, names on the left and numbers right-aligned. */
export const formatTable = (tallies: ReadonlyMap<string, Tally>): string => {
  const rows = [HEAD, ...[...tallies].map(([name, tally]) => cellsOf(name, tally))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return rows.map(line).join('\n');
};
