// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseMachine } from '../../engine/machine/load.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { replayTrace } from '../../engine/replay/replay.ts';
import { XEN_STATES } from '../../engine/semantics/states.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';

/** The same trace and release give the same bytes wherever, whenever and in whatever language the program runs. */

const ROOT = new URL('../../', import.meta.url).pathname;
const BIN = join(ROOT, 'dist/cli/main.js');

const TRACES = [
  'traces/recorded/sriov-vfs-after-pf.csv',
  'traces/recorded/hotplug-bars-at-zero.csv',
  'traces/overlap/across-devices.csv',
] as const;

const SURROUNDINGS: readonly (readonly [what: string, env: Readonly<Record<string, string>>])[] = [
  ['another language', { LANG: 'de_DE.UTF-8', LC_ALL: 'tr_TR.UTF-8', LANGUAGE: 'tr' }],
  ['no language', { LANG: 'C', LC_ALL: 'POSIX' }],
  ['another time zone', { TZ: 'Pacific/Kiritimati' }],
  ['a wide terminal', { COLUMNS: '300', TERM: 'xterm-256color', FORCE_COLOR: '3' }],
  ['a narrow terminal', { COLUMNS: '20', TERM: 'dumb', NO_COLOR: '1' }],
  ['continuous integration', { CI: 'true', GITHUB_ACTIONS: 'true' }],
  ['another heap', { NODE_OPTIONS: '--max-semi-space-size=1' }],
];

const run = (cwd: string, env: Readonly<Record<string, string>>, args: readonly string[]): Buffer => {
  const { PATH = '' } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { cwd, env: { PATH, ...env } });
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

describe.each(['text', 'json'])('replay --format %s prints the same bytes', (format) => {
  const args = ['replay', '--release', 'all', '--hardware', '--format', format, ...TRACES];
  const expected = run(ROOT, {}, args);

  test('of which there are some', () => {
    expect(expected.length).toBeGreaterThan(10_000);
  });

  test.each(SURROUNDINGS)('with %s', (_what, env) => {
    expect(run(ROOT, env, args).equals(expected)).toBe(true);
  });

  test('from another folder, but for the path', () => {
    const cwd = join(ROOT, 'test/determinism');
    const elsewhere = TRACES.map((path) => relative(cwd, join(ROOT, path)));
    const said = run(cwd, {}, [...args.slice(0, -TRACES.length), ...elsewhere]).toString();
    const renamed = TRACES.reduce((text, path, nth) => text.replaceAll(elsewhere[nth] ?? '', path), said);
    expect(renamed).toBe(expected.toString());
  });
});

test('a trace that was replayed before, and others in between, change nothing', () => {
  const loaded = TRACES.map((path) => {
    const trace = decodeCsv(readFileSync(join(ROOT, path)), OPERATIONS);
    if (!trace.ok) throw new Error(JSON.stringify(trace.problems));
    const reference = trace.value.header.machine ?? '';
    const machine = parseMachine(readFileSync(join(ROOT, path, '..', reference), 'utf8'));
    if (!machine.ok) throw new Error(JSON.stringify(machine.problems));
    return { machine: machine.value, events: trace.value.events };
  });
  const replayAll = (): readonly string[] =>
    XEN_STATES.flatMap(({ behaviours }) =>
      loaded.map(({ machine, events }) => JSON.stringify([...replayTrace({ machine, behaviours }, events)])),
    );
  const first = replayAll();
  expect(replayAll()).toEqual(first);
  expect(first.join('').length).toBeGreaterThan(10_000);
});
