// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** docs/limits.md says what the code does. */

const ROW = /^\| `(MAX_\w+)` \| ([\d ]+?)( [KM]iB)? \| [^|]+ \| `([^`]+)` \|$/gm;
const UNITS: Readonly<Record<string, number>> = { ' KiB': 2 ** 10, ' MiB': 2 ** 20 };

const rows = [...readFileSync('docs/limits.md', 'utf8').matchAll(ROW)].map(([, name, digits, unit, path]) => ({
  ...{ name: name ?? '', path: path ?? '' },
  value: Number(digits?.replaceAll(' ', '')) * (UNITS[unit ?? ''] ?? 1),
}));

/** `16 * 2 ** 20`, `65_536`, `0xff`, `2 ** 52 - 1`: what limits are written as. */
const evaluate = (expression: string): number => {
  const [product = '', less = '0'] = expression.split(' - ');
  const powers = product.split(/ \* /).map((factor) => {
    const [base = '', exponent = '1'] = factor.split(' ** ');
    return Number(base.replaceAll('_', '')) ** Number(exponent);
  });
  return powers.reduce((whole, factor) => whole * factor, 1) - Number(less);
};

const sources = ['engine', 'cli'].flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${room}/${path}`),
);

const limits = sources.flatMap((path) =>
  [...readFileSync(path, 'utf8').matchAll(/^(export )?const (MAX_\w+) = ([^;{]+);$/gm)].map(
    ([, exported, name, expression = '']) => ({ path, name, exported: exported !== undefined, expression }),
  ),
);

test.each(rows)('$name of $path is $value', ({ name, path, value }) => {
  const [limit] = limits.filter((each) => each.name === name && each.path === path);
  expect(evaluate(limit?.expression ?? 'there is none')).toBe(value);
});

test('every limit that files share is on the page', () => {
  const named = new Set(rows.map(({ name, path }) => `${path} ${name}`));
  const missing = limits.filter(({ exported, path, name }) => exported && !named.has(`${path} ${name}`));
  expect(missing).toEqual([]);
  expect(rows.length).toBeGreaterThan(20);
});
