// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';

/** A limit as docs/limits.md has it. */
export interface DocumentedLimit {
  readonly name: string;
  /** The file with the constant. */
  readonly path: string;
  readonly value: number;
}

const ROW = /^\| `(MAX_\w+)` \| ([\d ]+?)( [KM]iB)? \| [^|]+ \| `([^`]+)` \|$/gm;
const UNITS: Readonly<Record<string, number>> = { ' KiB': 2 ** 10, ' MiB': 2 ** 20 };

/** Every row of the page; `test/tidy` compares them with the code. */
export const DOCUMENTED: readonly DocumentedLimit[] = [...readFileSync('docs/limits.md', 'utf8').matchAll(ROW)].map(
  ([, name = '', digits = '', unit = '', path = '']) => ({
    ...{ name, path },
    value: Number(digits.replaceAll(' ', '')) * (UNITS[unit] ?? 1),
  }),
);

/** What the page says that this limit is: the tests of a limit begin with it. */
export const limitOf = (name: string, path: string): number => {
  const limit = DOCUMENTED.find((each) => each.name === name && each.path === path);
  if (limit === undefined) throw new Error(`docs/limits.md has no ${name} of ${path}`);
  return limit.value;
};
