// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { rulesCommand } from '../../cli/commands/rules.ts';

/** Runs `hvreplay rules` on the shipped corpus. */
const run = async (args: Readonly<Record<string, unknown>>) => {
  let stdout = '';
  let stderr = '';
  const status = await rulesCommand.run(args, {
    out: async (text) => {
      stdout += text;
    },
    outClosed: () => false,
    untilQuit: async () => undefined,
    note: (text) => {
      stderr += text;
    },
    progress: () => undefined,
    colour: false,
    env: {},
    self: { pid: 1, isRunning: () => false },
  });
  return { status, stdout, stderr };
};

test('coverage tells traces and releases of each rule, and fails when some have no trace', async () => {
  const { status, stdout } = await run({ coverage: true, rule: ['traces/rom', 'traces/hidden'] });
  expect(status).toBe(1);
  expect(stdout).toMatch(/^rule +traces +releases\n/);
  expect(stdout).toMatch(/^rom\.write-while-mapped +1 +xen-4\.17\.\.$/m);
  expect(stdout).toMatch(/^look-up\.hidden +\d+ +xen-4\.18\.\./m);
  expect(stdout).toMatch(/^never exercised:\n( {2}.*\n)* {2}reset\.unknown +no trace, no reason$/m);
});

test('coverage as JSON lists what each release leaves out', async () => {
  const { stdout } = await run({ coverage: true, rule: ['traces/reset'], format: 'json' });
  const report = JSON.parse(stdout);
  expect(report.rules['reset.unknown']).toEqual({
    traces: 1,
    releases: ['xen-4.20', 'xen-4.21', 'xen-4.22', 'xen-unstable'],
  });
  expect(report.notExercised['xen-4.19']).toContain('reset.unknown');
  expect(report.notExercised['xen-4.20']).not.toContain('reset.unknown');
  expect(report.missing).toContain('rom.write-while-mapped');
});

test('coverage of nothing is an error, and so is a path outside the corpus', async () => {
  expect(await run({ coverage: true, rule: ['test'] })).toMatchObject({ status: 2, stdout: '' });
  expect(await run({ coverage: true, rule: ['traces/nowhere'] })).toMatchObject({ status: 2, stdout: '' });
});

test('without coverage rules are listed, by name if asked', async () => {
  const { status, stdout } = await run({ rule: ['reset.unknown'] });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^reset\.unknown\n {2}.*\n {2}.*\n$/);
  expect(await run({ rule: ['reset.unknwon'] })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('reset.unknown'),
  });
});

test('a word that names no rule lists those that have it in name or text', async () => {
  const { stdout } = await run({ rule: ['quarantine'] });
  expect(stdout).toContain('assign.owned-by-other\n');
  expect(stdout).toContain('deassign.quarantined\n');
  expect(stdout).not.toContain('reset.unknown');
});
