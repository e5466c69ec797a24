// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, MAX_RANGES } from '../../engine/machine/limits.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { loadMachine } from '../../engine/state/load-machine.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { decodeJsonLines } from '../../engine/trace/json-lines.ts';
import { MAX_DIRECTIVES, MAX_EVENT_BYTES, MAX_ROWS } from '../../engine/trace/limits.ts';
import type { Parsed } from '../../engine/trace/problem.ts';
import { decodeProtobuf } from '../../engine/trace/protobuf/decoder.ts';
import { protobufSchema } from '../../engine/trace/protobuf/schema.ts';
import { formatProtobuf } from '../../engine/trace/protobuf/write.ts';
import { type Scratch, scratch } from '../cli/scratch.ts';

/** Just below a limit is accepted, just above refused, with what was expected; docs/limits.md lists them. */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const SCHEMA = protobufSchema(OPERATIONS);

const said = (parsed: Parsed<unknown>): string =>
  parsed.ok ? 'accepted' : parsed.problems.map(({ message }) => message).join('\n');

const csv = (directives: number, rows: number): string =>
  `# hvreplay-trace: 1\n# machine: m\n${Array.from({ length: directives - 2 }, (_, nth) => `# k${nth}: v\n`).join('')}op\n${'note\n'.repeat(rows)}`;

const json = (directives: number): string =>
  `${JSON.stringify({ 'hvreplay-trace': 1, machine: 'm', ...Object.fromEntries(Array.from({ length: directives - 2 }, (_, nth) => [`k${nth}`, 'v'])) })}\n{"op":"note"}\n`;

const protobuf = (noteLength: number): Uint8Array =>
  formatProtobuf(
    { version: 1, title: undefined, machine: 'm', directives: {} },
    [{ seq: 1, op: 'note', args: {}, time: undefined, ret: undefined, note: 'x'.repeat(noteLength) }],
    SCHEMA,
  );

const machine = (rest: string): string => `machine: 1\narch: x86\n${rest}`;
const ranges = (count: number): string =>
  machine(`memoryMap: [${Array.from({ length: count }, (_, nth) => `0x${nth}000-0x${nth}fff`).join(', ')}]\n`);

describe('just below and just above', () => {
  test.each<readonly [what: string, read: (size: number) => Parsed<unknown>, limit: number, refusal: RegExp]>([
    ['directives of a CSV trace', (n) => decodeCsv(csv(n, 1), OPERATIONS), MAX_DIRECTIVES, /more than 64 directives/],
    [
      'directives of JSON lines',
      (n) => decodeJsonLines(json(n), OPERATIONS),
      MAX_DIRECTIVES,
      /more than 64 directives/,
    ],
    ['rows', (n) => decodeCsv(csv(2, n), OPERATIONS), MAX_ROWS, /more than 1000000 rows; expected fewer/],
    ['ranges of a memory map', (n) => loadMachine(ranges(n)), MAX_RANGES, /4096/],
  ])('%s', (_what, read, limit, refusal) => {
    expect(said(read(limit))).toBe('accepted');
    expect(said(read(limit + 1))).toMatch(refusal);
  });

  test('bytes of a protobuf event', () => {
    const besides = protobuf(40_000).length - 40_000 - protobuf(0).length;
    const fits = MAX_EVENT_BYTES - 16 - besides;
    expect(said(decodeProtobuf(protobuf(fits), SCHEMA))).toBe('accepted');
    expect(said(decodeProtobuf(protobuf(MAX_EVENT_BYTES), SCHEMA))).toMatch(/expected at most 65536/);
  });

  test('levels of a machine file', () => {
    const nested = (levels: number): string => machine(`x: ${'['.repeat(levels)}${']'.repeat(levels)}\n`);
    expect(said(loadMachine(nested(MAX_DEPTH - 2)))).not.toMatch(/nested more than/);
    expect(said(loadMachine(nested(MAX_DEPTH + 1)))).toMatch(/nested more than 32 levels deep/);
  });
});

const run = (here: Scratch, words: readonly string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [BIN, ...words], {
    ...{ cwd: here.root, encoding: 'utf8', env: { PATH: process.env['PATH'] }, input: '' },
  });
  return { status, stderr };
};

const sparse = (here: Scratch, path: string, bytes: number): void => {
  writeFileSync(here.at(path), '');
  const file = openSync(here.at(path), 'r+');
  ftruncateSync(file, bytes);
  closeSync(file);
};

const MIB = 2 ** 20;

test.each<readonly [what: string, mib: number, path: string, words: readonly string[]]>([
  ['a trace', 256, 't.csv', ['conform', 't.csv']],
  ['a report', 256, 'r.json', ['merge', 'r.json']],
  ['a list of known divergences', 1, 'k.yaml', ['conform', 'c.csv', '--known', 'k.yaml']],
])('%s of more than %i MiB is refused before it is read', (_what, mib, path, words) => {
  const here = scratch({ 'c.csv': csv(2, 1), m: 'machine: 1\narch: x86\n' });
  sparse(here, path, mib * MIB + 1);
  const { status, stderr } = run(here, words);
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining(`${path}: more than ${mib} MiB; expected a smaller file`),
  ]);
});

test.each([
  [['check', '--shard', '1/10001'], /expected a part of 1 to 10000/],
  [['check', '--jobs', '257'], /expected a number of processes, 1 to 256/],
])('%j is refused', (words, refusal) => {
  const { status, stderr } = run(scratch({ 'traces/README.md': '' }), words);
  expect([status, stderr]).toEqual([2, expect.stringMatching(refusal)]);
});

describe('what cannot be written', () => {
  const TRACE = '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\nboot.hwdom_setup\n';
  const corpus = () => scratch({ 'traces/machines/m.yaml': 'machine: 1\narch: x86\n', 'traces/s/a.csv': TRACE });

  test.each<readonly [what: string, words: readonly string[], refusal: RegExp]>([
    [
      'a conversion into a file',
      ['convert', 'traces/s/a.csv', 'file/t.jsonl'],
      /file\/t\.jsonl: could not be written: a part of the path is no folder/,
    ],
    ['a conversion onto a folder', ['convert', 'traces/s/a.csv', 'folder.pb'], /folder\.pb: /],
    [
      'a report into a file',
      ['check', '--reporter', 'json=file/r.json'],
      /could not be written: a part of the path is no folder/,
    ],
    [
      'golden files into a file',
      ['accept'],
      /golden\/s\/b\/xen-4\.17\.txt: could not be written: a part of the path is no folder/,
    ],
  ])('%s', (_what, words, refusal) => {
    const here = corpus();
    expect(run(here, ['accept']).status).toBe(0);
    here.write('file', 'as it was');
    mkdirSync(here.at('folder.pb'));
    if (words[0] === 'accept') {
      here.write('traces/s/b.csv', TRACE);
      here.write('golden/s/b', 'as it was');
    }
    const { status, stderr } = run(here, words);
    expect([status, stderr]).toEqual([2, expect.stringMatching(refusal)]);
    expect(stderr).not.toMatch(/internal error|Error:/);
    expect(here.read('file')).toBe('as it was');
  });
});

const LISTS: readonly (readonly [what: string, text: string | Uint8Array])[] = [
  ['is empty', ''],
  ['is of invalid UTF-8', Uint8Array.of(0xff, 0xfe, 0x0a)],
  ['has a NUL', 'known:\n  - case: "s/a\0"\n'],
  ['has an alias that multiplies', `known: &a [*a, *a]\n`],
  ['is nested a million deep', `known: ${'['.repeat(500_000)}\n`],
  ['has __proto__', 'known:\n  - { __proto__: { case: s/a } }\n'],
  ['has a number beyond all', `known:\n  - { case: s/a, seq: ${'9'.repeat(400)} }\n`],
  ['has NaN', 'known:\n  - { case: s/a, seq: .nan }\n'],
];

describe.each(LISTS)('a list that %s', (_what, text) => {
  test('is refused with its place, as expectations, as known divergences and as a report', () => {
    const here = scratch({
      ...{ 'traces/machines/m.yaml': 'machine: 1\narch: x86\n', 'golden/expectations.yaml': text, 'k.yaml': text },
      'traces/s/a.csv': '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\nboot.hwdom_setup\n',
    });
    for (const [words, path] of [
      [['check'], 'golden/expectations.yaml'],
      [['conform', 'traces/s/a.csv', '--known', 'k.yaml'], 'k.yaml'],
      [['merge', 'k.yaml'], 'k.yaml'],
    ] as const) {
      const { status, stderr } = run(here, words);
      expect([words[0], status, stderr]).toEqual([words[0], 2, expect.stringContaining(`${path}:`)]);
      expect(stderr).not.toMatch(/internal error|^\s+at /m);
      expect(stderr.length).toBeLessThan(8000);
    }
  });
});
