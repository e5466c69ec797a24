// SPDX-License-Identifier: GPL-2.0-only

/** Rows as text in columns that line up, two spaces apart; the last column keeps its own width. */
export const columns = (rows: readonly (readonly string[])[]): string => {
  const widths: number[] = [];
  for (const row of rows)
    row.slice(0, -1).forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  return rows
    .map((row) => {
      const last = row.length - 1;
      const line = row.map((cell, index) => (index === last ? cell : cell.padEnd(widths[index] ?? 0))).join('  ');
      return `${line.trimEnd()}\n`;
    })
    .join('');
};
