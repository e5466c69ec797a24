// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { misspeltDirective } from '../../engine/trace/directives.ts';
import { decodeJsonLines } from '../../engine/trace/json-lines.ts';
import { registry } from './registry.ts';

test.each([
  ['relases', 'releases'],
  ['Releases', 'releases'],
  ['titel', 'title'],
  ['machines', 'machine'],
  ['seeds', 'seed'],
  ['recorded-om', 'recorded-on'],
  ['releases', undefined],
  ['author', undefined],
  ['host', undefined],
  ['cost', undefined],
  ['version', undefined],
  ['finding', undefined],
])('a directive %s is %s misspelt', (key, meant) => {
  expect(misspeltDirective(key)).toBe(meant);
});

test('all directives of the page are known', () => {
  const page = readFileSync('docs/formats.md', 'utf8');
  const named = [...page.matchAll(/^\| `([a-z-]+)` \| .* \|$/gm)].map(([, name = '']) => name);
  const [first, last] = [named.indexOf('hvreplay-trace'), named.indexOf('answer')];
  for (const name of [...named.slice(first, last + 1), 'source', 'tool', 'xen-version', 'complete', 'lost'])
    expect(misspeltDirective(`${name}s`)).toBe(name);
  expect(last - first).toBeGreaterThan(5);
});

test('a misspelt one is a fault of the trace, at its place', () => {
  const csv = decodeCsv('# hvreplay-trace: 1\n# mine: x\n# relases: a\nop\n', registry);
  const json = decodeJsonLines('{"hvreplay-trace":1,"mine":"x","relases":"a"}\n', registry);
  const message = 'relases: no directive that is known; did you mean releases?';
  expect(csv).toEqual({ ok: false, problems: [{ line: 3, column: 1, message }] });
  expect(json).toEqual({ ok: false, problems: [{ line: 1, column: 32, message }] });
});
