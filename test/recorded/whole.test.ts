// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCommand } from '../cli/run-command.ts';
import { scratch } from '../cli/scratch.ts';

/** The recordings that the cuts of the tests were taken from; they are not part of the project. */
const RECORDED = fileURLToPath(new URL('../../../shared/recorded/', import.meta.url));

const LIMIT_MS = 240_000;

/** Reads, results and ranges do not depend on how sources are put together; they are those of the recordings. */
const RUNS = [
  ['xen-4.20-pvh-logged', /: 66 results, 44544 values, 1114 routes, 381 maps and 2543 hardware writes compared/],
  ['xen-4.20-pvh', /: 49 results, \d{5} values and \d{4} hardware writes compared/],
] as const;

const present = RUNS.filter(([name]) => existsSync(RECORDED + name));

test('whole recordings, where they are', () => {
  if (present.length === 0)
    process.stderr.write(`no recordings at ${RECORDED}: the cuts in test/import/data stand for them\n`);
  expect([0, RUNS.length]).toContain(present.length);
});

test.each(present)(
  '%s imports without loss and agrees with its release in everything',
  async (name, counts) => {
    const here = scratch();
    const imported = await runCommand(['import', RECORDED + name, '--out', here.at('out')]);
    expect([imported.exit, imported.notes]).toEqual([0, '']);
    expect(imported.out).toMatch(/, 0 lost\n|accesses from the vPCI log\n/);
    expect(imported.out).not.toMatch(/accesses of the kernel that xentrace does not have/);
    const { exit, out } = await runCommand(['conform', here.at('out')]);
    expect(out).toMatch(counts);
    expect(out).toMatch(/, 0 explained, 0 diverge\n/);
    expect(exit).toBe(0);
  },
  LIMIT_MS,
);
