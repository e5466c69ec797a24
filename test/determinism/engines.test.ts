// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

/**
 * The same input gives the same bytes on every engine that the package allows, wherever that runs. Engines come from the
 * package registry, as the packages do; without it this fails.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The oldest one that package.json allows, and the last two with long-term support. */
const ENGINES = ['20.19.0', '22.23.3', '24.21.0'];
const TIME_LIMIT_MS = 600_000;
const HOME = mkdtempSync(join(tmpdir(), 'hvreplay-engines-'));

const TRACE = 'traces/recorded/sriov-vfs-after-pf.csv';
const PARTING = 'traces/sriov/vf-before-pf.csv';
const PAIR = ['--release', 'xen-4.19', '--release', 'xen-4.20'];

/** Command lines, and the folder that they write to, in place of OUT. */
const LINES: readonly (readonly string[])[] = [
  ['check', '--reporter', 'json', '--reporter', 'html=OUT/r.html', '--reporter', 'junit=OUT/r.xml', 'traces/sriov'],
  ['check'],
  ['replay', '--release', 'all', '--hardware', '--format', 'json', TRACE],
  ['replay', '--release', 'all', 'traces/grants/two-backends.csv', 'traces/arm/acpi.csv'],
  ['convert', TRACE, 'OUT/t.pb'],
  ['replay', '--format', 'json', '--machine', 'traces/machines/qemu-q35-sriov.yaml', 'OUT/t.pb'],
  ['compare', PARTING, ...PAIR],
  ['bisect', PARTING, '--event', '4'],
  ['why', PARTING, '--event', '4'],
  ['conform', '--all', TRACE],
  ['shrink', PARTING, ...PAIR, '--out', 'OUT/small'],
  ['import', 'test/import/data/run', '--out', 'OUT/run'],
  ['machine', 'traces/machines/sriov-hotplug.yaml'],
  ['rules', '--coverage'],
  ['findings'],
  ['seeds'],
];

interface Surroundings {
  readonly node: string;
  readonly env: Readonly<Record<string, string>>;
}

const HERE: Surroundings = { node: process.execPath, env: {} };

const run = ({ node, env }: Surroundings, args: readonly string[]): string => {
  const { PATH = '' } = process.env;
  const options = { cwd: ROOT, encoding: 'latin1', maxBuffer: 2 ** 28, env: { PATH, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(node, args, options);
  if (status !== 0 && status !== 1) throw new Error(`${node} ${args.join(' ')}: ${status}\n${stderr}`);
  return stdout;
};

/** What each command line printed, and what all of them wrote. */
const answers = (surroundings: Surroundings): ReadonlyMap<string, string> => {
  const out = mkdtempSync(join(tmpdir(), 'hvreplay-out-'));
  try {
    const printed = LINES.map((line): [string, string] => {
      const words = line.map((word) => word.replace('OUT', out));
      return [line.join(' '), run(surroundings, ['dist/cli/main.js', ...words]).replaceAll(out, 'OUT')];
    });
    const written = readdirSync(out, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(out, path)).isFile())
      .map((path): [string, string] => [path, readFileSync(join(out, path), 'latin1')]);
    return new Map([...printed, ...written.sort()]);
  } finally {
    rmSync(out, { recursive: true });
  }
};

beforeAll(() => {
  writeFileSync(join(HOME, 'package.json'), '{ "name": "engines", "private": true }\n');
  const wanted = ENGINES.map((version) => `node-${version.split('.')[0]}@npm:node-linux-${process.arch}@${version}`);
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', ...wanted];
  const { status, stderr } = spawnSync('npm', args, { cwd: HOME, encoding: 'utf8' });
  if (status !== 0 && status !== 1) throw new Error(stderr);
}, TIME_LIMIT_MS);

afterAll(() => rmSync(HOME, { recursive: true, force: true }));

const here = answers(HERE);

test('there is something to compare', () => {
  expect(here.size).toBeGreaterThan(LINES.length + 8);
  for (const [what, text] of here) if (!what.includes('OUT')) expect(text.length, what).toBeGreaterThan(20);
});

test.each(ENGINES)(
  'Node.js %s, in another language and time zone, answers as this one',
  { timeout: TIME_LIMIT_MS },
  (version) => {
    const node = join(HOME, 'node_modules', `node-${version.split('.')[0]}`, 'bin/node');
    expect(run({ node, env: {} }, ['--version'])).toBe(`v${version}\n`);
    const there = answers({ node, env: { LC_ALL: 'tr_TR.UTF-8', LANG: 'de_DE.UTF-8', TZ: 'Pacific/Kiritimati' } });
    expect([...there.keys()]).toEqual([...here.keys()]);
    for (const [what, text] of here) expect(there.get(what) === text, what).toBe(true);
  },
);

test('the oldest engine is the oldest that the package allows', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
  expect(`${engines.node}.0`).toBe(`>=${ENGINES[0]}`);
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
