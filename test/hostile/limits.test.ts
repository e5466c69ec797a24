// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, MAX_RANGES, MAX_YAML_LEXEMES } from '../../engine/machine/limits.ts';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { loadMachine } from '../../engine/state/load-machine.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import { decodeJsonLines } from '../../engine/trace/json-lines.ts';
import { MAX_COLUMNS, MAX_DIRECTIVES, MAX_EVENT_BYTES, MAX_LINE_CHARS, MAX_ROWS } from '../../engine/trace/limits.ts';
import { MAX_PROBLEMS_LISTED, type Parsed } from '../../engine/trace/problem.ts';
import { quoted } from '../../engine/trace/problem-list.ts';
import { decodeProtobuf } from '../../engine/trace/protobuf/decoder.ts';
import { protobufSchema } from '../../engine/trace/protobuf/schema.ts';
import { formatProtobuf } from '../../engine/trace/protobuf/write.ts';
import { type Scratch, scratch } from '../cli/scratch.ts';
import { limitOf } from './limit-of.ts';

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

  /** What else is wrong with the input is of no interest. */
  test.each<readonly [what: string, read: (size: number) => Parsed<unknown>, limit: number, refusal: RegExp]>([
    [
      'columns of a CSV trace',
      (n) => decodeCsv(`# hvreplay-trace: 1\nop${',dom'.repeat(n - 1)}\n`, OPERATIONS),
      MAX_COLUMNS,
      // 127 are there twice; the one fault more is that there are too many.
      /^and 77 more/m,
    ],
    [
      'characters of a line of JSON',
      (n) => decodeJsonLines(`${json(2).split('\n')[0]}\n${'x'.repeat(n - 1)}\n`, OPERATIONS),
      MAX_LINE_CHARS,
      /a line of more than 65536 characters/,
    ],
    [
      'characters of a machine within a trace',
      (n) =>
        decodeCsv(
          `# hvreplay-trace: 1\n${`#|${'x'.repeat(1023)}\n`.repeat(n / 1024)}${n % 1024 > 0 ? '#|\n' : ''}op\n`,
          OPERATIONS,
        ),
      limitOf('MAX_MACHINE_CHARS', 'engine/trace/limits.ts'),
      /the machine within the trace has more than 16777216 characters/,
    ],
    ['ECAM windows', (n) => loadMachine(machine(`ecam: [${'{},'.repeat(n)}]\n`)), MAX_RANGES, /4096/],
    [
      'grant frames',
      (n) => loadMachine(machine(`grants: { frames: ${n} }\n`)),
      limitOf('MAX_FRAMES', 'engine/guest/grants/schema.ts'),
      /frames/,
    ],
    [
      'frames for mappings',
      (n) => loadMachine(machine(`grants: { maptrackFrames: ${n} }\n`)),
      limitOf('MAX_FRAMES', 'engine/guest/grants/schema.ts'),
      /maptrackFrames/,
    ],
    [
      'bytes of a property',
      (n) => loadMachine(machine(`deviceTree: { platform: { p: { iommusBytes: ${n} } } }\n`)),
      limitOf('MAX_PROPERTY_BYTES', 'engine/guest/grants/schema.ts'),
      /iommusBytes/,
    ],
    [
      'frame numbers',
      (n) =>
        decodeCsv(`${csv(2, 0).replace('op\n', 'op,dom,gfn,nr,mfn,type\n')}p2m.set,d0,${n},1,0,ram_rw\n`, OPERATIONS),
      limitOf('MAX_FRAME', 'engine/num/frames.ts'),
      /gfn: expected/,
    ],
    [
      'buses of an ECAM window',
      (n) => loadMachine(machine(`ecam: [{ segment: 0, base: 0xe0000000, buses: 0-${n} }]\n`)),
      limitOf('MAX_BUS', 'engine/num/sbdf.ts'),
      /buses/,
    ],
  ])('%s', (_what, read, limit, refusal) => {
    expect(said(read(limit))).not.toMatch(refusal);
    expect(said(read(limit + 1))).toMatch(refusal);
  });

  test('words of a machine file', () => {
    // A line within a text counts as eight.
    const lines = (count: number): string => said(loadMachine(machine(`x: |\n${' x\n'.repeat(count)}`)));
    expect(lines(Math.floor(MAX_YAML_LEXEMES / 8) - 5)).toMatch(/^unknown key "x"/);
    expect(lines(MAX_YAML_LEXEMES / 8)).toMatch(/more than 1500000 words and marks/);
  });

  test('a bus', () => {
    const bus = (number: number): string => `0000:${number.toString(16)}:00.0`;
    expect(parseSbdf(bus(limitOf('MAX_BUS', 'engine/num/sbdf.ts')))).toBe(0xff00);
    expect(parseSbdf(bus(limitOf('MAX_BUS', 'engine/num/sbdf.ts') + 1))).toBeUndefined();
  });

  test('faults that are listed', () => {
    const faults = (count: number): string => said(decodeCsv(`${csv(2, 0)}${'nope\n'.repeat(count)}`, OPERATIONS));
    expect(faults(MAX_PROBLEMS_LISTED).split('\n')).toHaveLength(MAX_PROBLEMS_LISTED);
    expect(
      faults(MAX_PROBLEMS_LISTED + 1)
        .split('\n')
        .at(-1),
    ).toBe('and 1 more');
  });

  test('what a message quotes', () => {
    const limit = limitOf('MAX_QUOTED_CHARS', 'engine/trace/limits.ts');
    expect(quoted('x'.repeat(limit))).toBe(`"${'x'.repeat(limit)}"`);
    expect(quoted('x'.repeat(limit + 1))).toBe(`"${'x'.repeat(limit)}…"`);
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
