// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { runCommand } from './run-command.ts';
import { type Scratch, scratch } from './scratch.ts';

const TRACE = '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\nboot.hwdom_setup\n';
const LEFT = 'golden/s/b/.xen-4.17.txt.7c9e6679-7425-40de-944b-e07fc1f90ae7.tmp';
const GOLDEN = 'golden/s/a/xen-4.17.txt';

const corpus = (files: Readonly<Record<string, string>> = {}): Scratch =>
  scratch({
    ...{ 'traces/machines/m.yaml': 'machine: 1\narch: x86\nmemoryMap: [0x0-0xfffff]\n', 'traces/s/a.csv': TRACE },
    ...files,
  });

const run = (here: Scratch, command: string, ...words: readonly string[]) =>
  runCommand([command, here.at('traces'), ...words]);

test('a lock says who has it and what to do, and nothing is written', async () => {
  const here = corpus({ 'golden/.accept.lock': '4711 elsewhere\n' });
  const { exit, notes } = await run(here, 'accept');
  expect(exit).toBe(2);
  expect(notes.replaceAll(here.root, '.')).toBe(
    'hvreplay accept: ./golden/.accept.lock: process 4711 on elsewhere writes golden files; nothing was accepted. ' +
      'Try again when it is done; if it was killed, remove that file\n',
  );
  expect(readdirSync(here.at('golden'))).toEqual(['.accept.lock']);
});

test('a lock of which only the beginning was written is one too', async () => {
  const { exit, notes } = await run(corpus({ 'golden/.accept.lock': '' }), 'accept');
  expect([exit, notes]).toEqual([2, expect.stringContaining('another process writes golden files')]);
});

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const acceptAlone = (here: Scratch) =>
  spawnSync(process.execPath, [BIN, 'accept', '--force'], { cwd: here.root, encoding: 'utf8' });

test('the lock of a process that is gone is taken over, that of one that runs is not', () => {
  const gone = spawnSync(process.execPath, ['-e', '0']).pid;
  const here = corpus({ 'golden/.accept.lock': `${gone} ${hostname()}\n`, [LEFT]: 'half' });
  expect(acceptAlone(here)).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(here.at('golden')).sort()).toEqual(['s']);
  expect([existsSync(here.at(LEFT)), existsSync(here.at(GOLDEN))]).toEqual([false, true]);
  const busy = corpus({ 'golden/.accept.lock': `${process.pid} ${hostname()}\n` });
  expect(acceptAlone(busy)).toMatchObject({ status: 2, stderr: expect.stringContaining(`process ${process.pid} on `) });
  const far = corpus({ 'golden/.accept.lock': `${gone} ${hostname()}x\n` });
  expect(acceptAlone(far)).toMatchObject({ status: 2, stderr: expect.stringContaining(`process ${gone} on `) });
});

test('the lock goes when accept is done', async () => {
  const here = corpus();
  expect(await run(here, 'accept')).toMatchObject({ exit: 0, notes: '' });
  expect(readdirSync(here.at('golden'))).toEqual(['s']);
});

test('what a killed run left is ignored by check and by a dry run, and removed by accept', async () => {
  const here = corpus({ 'traces/s/.a.csv.7c9e6679-7425-40de-944b-e07fc1f90ae7.tmp': '' });
  expect(await run(here, 'accept')).toMatchObject({ exit: 0 });
  here.write(LEFT, 'half');
  expect(await run(here, 'check')).toMatchObject({ exit: 0 });
  expect(await run(here, 'accept', '--dry-run')).toMatchObject({ exit: 0 });
  expect(existsSync(here.at(LEFT))).toBe(true);
  expect(await run(here, 'accept')).toMatchObject({ exit: 0 });
  expect([existsSync(here.at('golden/s/b')), existsSync(here.at(GOLDEN))]).toEqual([false, true]);
});

test('golden files that change while somebody is asked are not written over', async () => {
  const here = corpus();
  const terminal = {
    ...{ size: () => ({ columns: 80, rows: 24 }), show: () => undefined, close: () => undefined },
    key: async () => {
      here.write(GOLDEN, 'what somebody else wrote');
      return { name: 'y', text: 'y' };
    },
  };
  const { exit, notes } = await runCommand(
    ['accept', here.at('traces'), '--interactive'],
    {},
    { takeTerminal: async () => terminal },
  );
  expect([exit, notes]).toEqual([2, expect.stringContaining('golden: changed since it was compared')]);
  expect(here.read(GOLDEN)).toBe('what somebody else wrote');
  expect(existsSync(here.at('golden/.accept.lock'))).toBe(false);
});
