// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonLinesWriter } from '../../cli/json-lines-writer.ts';

type Line = Readonly<Record<string, unknown>>;

const written = (lines: readonly Line[]): string => {
  const writer = new JsonLinesWriter();
  for (const line of lines) writer.write(line);
  return new TextDecoder('utf-8', { fatal: true }).decode(writer.take());
};

const stringified = (lines: readonly Line[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const value = fc.oneof(
  fc.integer(),
  fc.maxSafeNat(),
  fc.double(),
  fc.boolean(),
  fc.constant(undefined),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.jsonValue(),
);

test('lines are byte for byte those of JSON.stringify', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string({ unit: 'binary' }), value)), (lines) => {
      expect(written(lines)).toBe(stringified(lines));
    }),
  );
});

test.each<readonly [what: string, line: Line]>([
  ['nothing', {}],
  ['only what is undefined', { a: undefined }],
  ['what comes after undefined', { a: undefined, b: 1 }],
  ['numbers at the ends of their digits', { a: 9, b: 10, c: 99, d: 100, e: 2 ** 32 - 1, f: 2 ** 32, g: 2 ** 53 - 1 }],
  ['numbers that are no digits', { a: 0, b: -1, c: 0.5, d: 1e21 }],
  ['what JSON escapes', { a: '"', b: '\\', c: '\n', d: '\u007f', e: 'é', f: '\ud800' }],
  ['a text longer than there is room for at first', { a: '\u20ac'.repeat(100_000), b: '0x1' }],
])('%s', (_what, line) => {
  expect(written([line, line])).toBe(stringified([line, line]));
});

test('what was taken stays as it is, and is not taken again', () => {
  const writer = new JsonLinesWriter();
  writer.write({ seq: 1 });
  const first = writer.take();
  writer.write({ seq: 2 });
  expect(new TextDecoder().decode(first)).toBe('{"seq":1}\n');
  expect(new TextDecoder().decode(writer.take())).toBe('{"seq":2}\n');
});
