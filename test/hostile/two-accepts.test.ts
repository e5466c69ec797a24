// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../cli/scratch.ts';

/** Two runs of `accept` on the same golden files, at the same time: the files are those of one run, all of them. */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const ROUNDS = Math.ceil(Number(process.env['HVREPLAY_KILLS'] ?? 24) / 4);
const TIME_LIMIT_MS = 600_000;
const CASES = 24;

const MACHINE = 'machine: 1\narch: x86\nmemoryMap: [0x0-0xfffff]\n';

/** The same cases, whose golden files say something else. */
const corpusOf = (folder: string, note: string): Readonly<Record<string, string>> => ({
  [`${folder}/traces/machines/m.yaml`]: MACHINE,
  ...Object.fromEntries(
    Array.from({ length: CASES }, (_, nth) => [
      `${folder}/traces/s/c${nth}.csv`,
      `# hvreplay-trace: 1\n# title: ${note}\n# machine: ../machines/m.yaml\nop\nboot.hwdom_setup\n`,
    ]),
  ),
});

const contents = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort()
    .map((path) => `${path}\n${readFileSync(join(folder, path), 'utf8')}`)
    .join('');

interface Ended {
  readonly status: number | null;
  readonly notes: string;
}

const accept = (cwd: string): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, 'accept'], {
      ...{ cwd, stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] } },
    });
    let notes = '';
    child.stderr.on('data', (text) => {
      notes += text;
    });
    child.on('close', (status) => resolve({ status, notes }));
  });

test('two accepts at once do not mix', { timeout: TIME_LIMIT_MS }, async () => {
  const here = scratch({ ...corpusOf('a', 'one'), ...corpusOf('b', 'other'), 'golden/.gitkeep': '' });
  const folders = [here.at('a'), here.at('b')];
  const whole: string[] = [];
  for (const folder of folders) {
    symlinkSync(here.at('golden'), join(folder, 'golden'));
    expect(await accept(folder)).toEqual({ status: 0, notes: '' });
    whole.push(contents(here.at('golden')));
  }
  expect(whole[0]).not.toBe(whole[1]);
  const said = { both: 0, locked: 0, changed: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    rmSync(here.at('golden/s'), { recursive: true });
    const ended = await Promise.all(folders.map(accept));
    expect(whole).toContain(contents(here.at('golden')));
    expect(ended.map(({ status }) => status)).toContain(0);
    const refused = ended.find(({ status }) => status !== 0);
    if (refused === undefined) said.both += 1;
    else {
      expect(refused.status).toBe(2);
      expect(refused.notes).toMatch(
        /golden\/\.accept\.lock: (process \d+ on \S+|another process) writes golden files; nothing was accepted|golden: changed since it was compared; nothing was accepted/,
      );
      said[refused.notes.includes('.lock') ? 'locked' : 'changed'] += 1;
    }
  }
  if (process.env['HVREPLAY_KILLS'] !== undefined) console.log(`two accepts: ${JSON.stringify(said)}`);
});
