// SPDX-License-Identifier: GPL-2.0-only
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { makeRandom } from '../../bench/fuzz/random.ts';
import { ACCEPT_LOCK } from '../../cli/corpus.ts';
import type { Scratch } from '../cli/scratch.ts';
import {
  contents,
  putCorpus,
  restore,
  somethingElse,
  temporariesIn,
  WRITERS,
  type Writer,
  writersScratch,
} from './writers.ts';

/**
 * Commands that write files are killed, half of them at a moment, half at a call that changes the file system. Afterwards
 * each file is what it was or what it was to become. `npm run torture` kills more often and prints what was found.
 */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const PRELOAD = new URL('./kill-at.mjs', import.meta.url).href;

const KILLS = Number(process.env['HVREPLAY_KILLS'] ?? 24);
const SEED = 20_260_721;
const TIME_LIMIT_MS = 600_000;

const CASES = 30;

const run = (here: Scratch, words: readonly string[], preload: readonly string[] = []) =>
  spawnSync(process.execPath, [...preload, BIN, ...words], {
    ...{ cwd: here.root, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });

const succeed = (here: Scratch, words: readonly string[], preload: readonly string[] = []) => {
  const ran = run(here, words, preload);
  expect(ran.status, ran.stderr).toBe(0);
  return ran;
};

/** Starts the command and kills it after a while; whether it was still running. */
const killAfter = (here: Scratch, words: readonly string[], ms: number): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, ...words], {
      ...{ cwd: here.root, stdio: 'ignore', env: { PATH: process.env['PATH'] } },
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    child.on('exit', (_code, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    });
  });

/** Kills it at the call with this number. */
const killAt = (here: Scratch, words: readonly string[], call: number): boolean =>
  spawnSync(process.execPath, ['--import', PRELOAD, BIN, ...words], {
    ...{ cwd: here.root, env: { PATH: process.env['PATH'], HVREPLAY_KILL_AT: String(call) } },
  }).signal === 'SIGKILL';

interface Tally {
  atCalls: number;
  atMoments: number;
  tooLate: number;
  old: number;
  new: number;
  temporaries: number;
  locks: number;
}

/** What is there before the command runs, what after, how long it takes and how many calls that change something. */
const measure = (here: Scratch, words: readonly string[], { folder, earlier }: Writer) => {
  if (earlier !== undefined) {
    earlier(here, CASES);
    succeed(here, words);
    putCorpus(here, 1, CASES);
  }
  const before = earlier === undefined ? undefined : contents(here.at(folder));
  const began = performance.now();
  const calls = Number(succeed(here, words, ['--import', PRELOAD]).output[3]);
  const ms = performance.now() - began;
  const after = contents(here.at(folder));
  return { old: before ?? somethingElse(after), after, calls, ms };
};

const GOLDEN_RATIO = 0.618_034;
/** The machine may have been busier when the command was measured: its end is looked for earlier then. */
const TOO_LATE = 0.8;
const MAX_TRIES = 3;

const killOften = async (here: Scratch, killed: Writer, kills: number): Promise<Tally> => {
  const { folder } = killed;
  const words = killed.words(here.at);
  const { old, after, calls, ms } = measure(here, words, killed);
  const random = makeRandom(SEED + kills);
  const tally: Tally = { atCalls: 0, atMoments: 0, tooLate: 0, old: 0, new: 0, temporaries: 0, locks: 0 };
  const paths = [...new Set([...old.keys(), ...after.keys()])];
  let window = ms;
  for (let nth = 0; tally.atCalls + tally.atMoments < kills && nth < MAX_TRIES * kills; nth += 1) {
    restore(here, folder, old);
    const call = 1 + Math.floor(calls * ((nth * GOLDEN_RATIO) % 1));
    const dead = nth % 2 === 0 ? killAt(here, words, call) : await killAfter(here, words, random(Math.ceil(window)));
    if (nth % 2 === 0) expect(dead, `call ${call} of ${calls}`).toBe(true);
    if (!dead) window *= TOO_LATE;
    tally[!dead ? 'tooLate' : nth % 2 === 0 ? 'atCalls' : 'atMoments'] += 1;
    const now = contents(here.at(folder));
    expect(paths).toEqual(expect.arrayContaining([...now.keys()]));
    for (const path of paths) {
      const text = now.get(path);
      expect([old.get(path), after.get(path)], `${path} after kill ${nth}`).toContain(text);
      tally[text === after.get(path) ? 'new' : 'old'] += 1;
    }
    if (existsSync(here.at(`${folder}/${ACCEPT_LOCK}`))) tally.locks += 1;
  }
  tally.temporaries = temporariesIn(here.at(folder));
  // What was left does not disturb.
  rmSync(here.at(`${folder}/${ACCEPT_LOCK}`), { force: true });
  succeed(here, words);
  expect(contents(here.at(folder))).toEqual(after);
  if (folder === 'golden') expect(temporariesIn(here.at(folder))).toBe(0);
  return tally;
};

const toll: string[] = [];
afterAll(() => {
  if (process.env['HVREPLAY_KILLS'] !== undefined) console.log(toll.join('\n'));
});

test.each(WRITERS)('$name, killed, leaves each file old or new', { timeout: TIME_LIMIT_MS }, async (killed) => {
  const here = await writersScratch(CASES);
  const tally = await killOften(here, killed, Math.ceil(KILLS / WRITERS.length));
  expect(tally.old).toBeGreaterThan(0);
  toll.push(`${killed.name}: ${JSON.stringify(tally)}`);
});
