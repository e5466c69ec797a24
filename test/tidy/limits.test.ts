// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DOCUMENTED } from '../hostile/limit-of.ts';

/** docs/limits.md says what the code does, and each limit has a test. */

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

test.each(DOCUMENTED)('$name of $path is $value', ({ name, path, value }) => {
  const [limit] = limits.filter((each) => each.name === name && each.path === path);
  expect(evaluate(limit?.expression ?? 'there is none')).toBe(value);
});

test('every limit that files share is on the page', () => {
  const named = new Set(DOCUMENTED.map(({ name, path }) => `${path} ${name}`));
  const missing = limits.filter(({ exported, path, name }) => exported && !named.has(`${path} ${name}`));
  expect(missing).toEqual([]);
  expect(DOCUMENTED.length).toBeGreaterThan(20);
});

/** Whether a test asks for the limit by its name and place: from the page, or as it is in the code. */
const asksFor = (text: string, { name, path }: { readonly name: string; readonly path: string }): boolean =>
  text.includes(`limitOf('${name}', '${path}')`) ||
  [...text.matchAll(/^import \{([^}]*)\} from '(?:\.\.\/)+([^']+)';$/gm)].some(
    ([, names = '', from]) => from === path && names.split(',').some((each) => each.trim() === name),
  );

const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && !path.startsWith('tidy'))
  .map((path) => readFileSync(`test/${path}`, 'utf8'));

test.each(DOCUMENTED)('$name of $path has a test that names it', (limit) => {
  expect(tests.some((text) => asksFor(text, limit))).toBe(true);
});
