// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { lstatSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Scratch } from '../cli/scratch.ts';
import { contents, restore, somethingElse, temporariesIn, WRITERS, writersScratch } from './writers.ts';

/** What the system itself refuses, also to root: files beyond a limit, a device that is always full. And where output goes that is no plain file. */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

/** Runs a line of the shell, `$@` in it being hvreplay. */
const inShell = (here: Scratch, line: string) =>
  spawnSync('sh', ['-c', line, 'sh', process.execPath, BIN], {
    ...{ cwd: here.root, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
  });

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

/** So many blocks of 512 bytes each file may have; less than all outputs here. */
const BLOCKS = 1;

test.each(WRITERS)('$name, cut off by the system in the middle of a file, leaves the old one', async (writer) => {
  const { folder } = writer;
  const here = await writersScratch(1);
  const words = quoted(writer.words(here.at));
  expect(inShell(here, `"$@" ${words}`).status).toBe(0);
  const after = contents(here.at(folder));
  const old = somethingElse(after);
  restore(here, folder, old);
  const { status, stderr } = inShell(here, `ulimit -f ${BLOCKS}; exec "$@" ${words}`);
  expect([status, stderr]).toEqual([2, expect.stringContaining('could not be written: more than a file may have')]);
  const now = contents(here.at(folder));
  expect([...now.keys()]).toEqual([...after.keys()]);
  for (const [path, text] of now) expect([old.get(path), after.get(path)], path).toContain(text);
  expect([...now.values()]).toContain([...old.values()][0]);
  expect(temporariesIn(here.at(folder))).toBe(0);
});

test('convert says that a device is full', async () => {
  const { status, stderr } = inShell(await writersScratch(1), '"$@" convert in/long.csv /dev/full --to csv');
  expect([status, stderr]).toEqual([
    2,
    'hvreplay convert: /dev/full: could not be written: no space left on the device; make room and try again\n',
  ]);
});

test('convert writes into a pipe that has a name, and through a link, and leaves both what they are', async () => {
  const here = await writersScratch(1);
  expect(inShell(here, '"$@" convert in/long.csv plain.jsonl').status).toBe(0);
  const piped = inShell(here, 'mkfifo pipe.jsonl; cat pipe.jsonl & "$@" convert in/long.csv pipe.jsonl; wait');
  expect([piped.status, piped.stdout]).toEqual([0, here.read('plain.jsonl')]);
  expect(lstatSync(here.at('pipe.jsonl')).isFIFO()).toBe(true);
  here.write('target.jsonl', 'old');
  symlinkSync('target.jsonl', here.at('link.jsonl'));
  expect(inShell(here, '"$@" convert in/long.csv link.jsonl').status).toBe(0);
  expect([lstatSync(here.at('link.jsonl')).isSymbolicLink(), here.read('target.jsonl')]).toEqual([true, piped.stdout]);
});
