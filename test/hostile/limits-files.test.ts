// SPDX-License-Identifier: GPL-2.0-only
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listTree, readBytes } from '../../cli/files.ts';
import { readReport } from '../../cli/merge-reports.ts';
import { readShard } from '../../cli/shard.ts';
import { runCommand } from '../cli/run-command.ts';
import { scratch } from '../cli/scratch.ts';
import { limitOf } from './limit-of.ts';
import { type Given, MACHINE, ROWS, run } from './refused.ts';

/** Files and numbers on the command line, just below and just above each limit. Large files have holes and take no room. */

const MIB = 2 ** 20;
const CASE = '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\nboot.hwdom_setup\n';
const CORPUS = { 'traces/machines/m.yaml': MACHINE, 'traces/s/a.csv': CASE };

describe.each<readonly [limit: number, path: string, given: Given]>([
  [limitOf('MAX_TRACE_BYTES', 'cli/session.ts'), 't.csv', { args: ['conform', 't.csv'] }],
  [limitOf('MAX_MACHINE_BYTES', 'cli/machines.ts'), 'm.yaml', { files: { 't.csv': ROWS } }],
  [limitOf('MAX_MACHINE_CHARS', 'engine/machine/limits.ts'), 'm.yaml', { files: { 't.csv': ROWS } }],
  [
    limitOf('MAX_KNOWN_BYTES', 'cli/commands/conform.ts'),
    'k.yaml',
    { files: { 't.csv': ROWS }, args: ['conform', 't.csv', '--known', 'k.yaml'] },
  ],
  [limitOf('MAX_REPORT_BYTES', 'cli/merge-reports.ts'), 'r.json', { args: ['merge', 'r.json'] }],
  [
    limitOf('MAX_BYTES', 'cli/review.ts'),
    'golden/expectations.yaml',
    { files: { ...CORPUS, 'golden/README.md': '' }, args: ['check'] },
  ],
  [
    limitOf('MAX_GOLDEN_BYTES', 'cli/case-run.ts'),
    'golden/s/a/xen-4.17.txt',
    { files: { ...CORPUS, 'golden/s/a/xen-4.18.txt': '' }, args: ['check'] },
  ],
])('%i bytes, and one more: %s', (limit, path, given) => {
  const said = (bytes: number): string =>
    run({
      ...given,
      prepare: (root) => {
        writeFileSync(join(root, path), '#');
        truncateSync(join(root, path), bytes);
      },
    }).said;
  const refusal = `${path}: more than ${limit / MIB} MiB; expected a smaller file`;

  test('is read, and refused before it is read', () => {
    expect(said(limit)).not.toContain(refusal);
    expect(said(limit + 1)).toContain(refusal);
  });
});

test('bytes of a file that is imported', () => {
  const limit = limitOf('MAX_SOURCE_BYTES', 'cli/source-files.ts');
  const prepare = (root: string): void => {
    writeFileSync(join(root, 'f'), '');
    truncateSync(join(root, 'f'), limit + 1);
  };
  expect(run({ prepare, args: ['import', 'f'] })).toMatchObject({
    ...{ status: 2, said: 'f: more than 1024 MiB; expected a smaller file\n' },
  });
});

test('any limit of bytes is the last number that is accepted', () => {
  const here = scratch({ f: '12345' });
  expect(readBytes(here.at('f'), 5)).toMatchObject({ ok: true });
  expect(readBytes(here.at('f'), 4)).toMatchObject({ ok: false });
});

test('brackets and commas of a report', () => {
  const limit = limitOf('MAX_REPORT_MARKS', 'cli/merge-reports.ts');
  const here = scratch({ 'r.json': ','.repeat(limit) });
  expect(readReport(here.at('r.json'))).toMatchObject({ message: expect.stringContaining('no JSON') });
  here.write('r.json', ','.repeat(limit + 1));
  expect(readReport(here.at('r.json'))).toMatchObject({
    message: expect.stringMatching(/more than 16777216 brackets and commas/),
  });
});

test('folders within each other', () => {
  const deep = (folders: number): string => `${'d/'.repeat(folders)}f`;
  const limit = limitOf('MAX_TREE_DEPTH', 'cli/files.ts');
  const here = scratch({ [deep(limit)]: '' });
  expect(listTree(here.root)).toEqual({ ok: true, value: [{ path: deep(limit), kind: 'file' }] });
  here.write(deep(limit + 1), '');
  expect(listTree(here.root)).toMatchObject({
    value: [{ path: `${deep(limit).slice(0, -1)}d`, kind: 'other' }, { kind: 'file' }],
  });
});

test('shards', () => {
  const limit = limitOf('MAX_SHARDS', 'cli/shard.ts');
  expect(readShard(`1/${limit}`, {})).toMatchObject({ ok: true, shard: { count: limit } });
  expect(readShard(`1/${limit + 1}`, {})).toMatchObject({
    message: expect.stringContaining(`expected a part of 1 to ${limit}`),
  });
});

test('worker processes', async () => {
  const limit = limitOf('MAX_JOBS', 'cli/commands/check.ts');
  const here = scratch({ 'traces/README.md': '' });
  const said = async (jobs: number): Promise<string> =>
    (await runCommand(['check', here.at('traces'), '--jobs', `${jobs}`])).notes;
  expect(await said(limit)).toMatch(/no cases?/);
  expect(await said(limit + 1)).toMatch(/expected a number of processes, 1 to 256/);
});
