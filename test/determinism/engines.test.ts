// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseMachine } from '../../engine/machine/load.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { replayTrace } from '../../engine/replay/replay.ts';
import { XEN_STATES } from '../../engine/semantics/states.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';

/** The same trace and release give the same bytes on every engine. Engines come from the package registry, as the packages do. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENGINES = ['22.23.3', '24.21.0'];
const SUBJECTS = ['traces/sriov', 'traces/recorded', 'traces/grants', 'traces/surprises'];
const HOME = mkdtempSync(join(tmpdir(), 'hvreplay-engines-'));

const run = (node: string, args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(node, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${node} ${args.join(' ')}: ${status}\n${stderr}`);
  return stdout;
};

const answers = (node: string): string => run(node, ['dist/cli/main.js', 'check', '--reporter', 'json', ...SUBJECTS]);

beforeAll(() => {
  writeFileSync(join(HOME, 'package.json'), '{ "name": "engines", "private": true }\n');
  const wanted = ENGINES.map((version) => `node-${version.split('.')[0]}@npm:node-linux-${process.arch}@${version}`);
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', ...wanted];
  const { status, stderr } = spawnSync('npm', args, { cwd: HOME, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}, 300_000);

afterAll(() => rmSync(HOME, { recursive: true, force: true }));

test.each(ENGINES)('Node.js %s answers as this one', (version) => {
  const node = join(HOME, 'node_modules', `node-${version.split('.')[0]}`, 'bin/node');
  expect(run(node, ['--version'])).toBe(`v${version}\n`);
  const here = answers(process.execPath);
  expect(here.length).toBeGreaterThan(1000);
  expect(answers(node)).toBe(here);
  const replay = [
    'dist/cli/main.js',
    'replay',
    '--release',
    'all',
    '--format',
    'json',
    'traces/recorded/sriov-vfs-after-pf.csv',
  ];
  expect(run(node, replay)).toBe(run(process.execPath, replay));
});

/** The same value with the keys of every map in the opposite order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
};

test.each(['traces/sriov/vf-after-pf.csv', 'traces/overlap/across-devices.csv', 'traces/rebar/not-a-memory-bar.csv'])(
  'the order in which %s has its machine described changes nothing',
  (path) => {
    const trace = decodeCsv(readFileSync(join(ROOT, path)), OPERATIONS);
    if (!trace.ok) throw new Error(JSON.stringify(trace.problems));
    const text = readFileSync(join(ROOT, path, '..', trace.value.header.machine ?? ''), 'utf8');
    const other = stringify(reversed(parse(text)));
    expect(other).not.toBe(text);
    const results = [text, other].map((description) => {
      const machine = parseMachine(description);
      if (!machine.ok) throw new Error(JSON.stringify(machine.problems));
      return XEN_STATES.map(({ behaviours }) =>
        JSON.stringify([...replayTrace({ machine: machine.value, behaviours }, trace.value.events)]),
      );
    });
    expect(results[1]).toEqual(results[0]);
  },
);
