// SPDX-License-Identifier: GPL-2.0-only
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeRandom } from '../../bench/fuzz/random.ts';
import { ACCEPT_LOCK } from '../../cli/corpus.ts';
import { isTemporary } from '../../cli/write-files.ts';
import { type Scratch, scratch } from '../cli/scratch.ts';

/**
 * Commands that write files are killed, half of them at a moment, half at a call that changes the file system. Afterwards
 * each file is what it was or what it was to become. `npm run torture` kills more often and prints what was found.
 */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const PRELOAD = new URL('./kill-at.mjs', import.meta.url).href;

const KILLS = Number(process.env['HVREPLAY_KILLS'] ?? 24);
const SEED = 20_260_721;
const TIME_LIMIT_MS = 600_000;

const MACHINE = `machine: 1
arch: x86
devices:
  "0000:00:03.0":
    id: 8086:10c9
    bars: { 0: { kind: mem32, address: 0xfe000000, size: 0x10000 } }
`;

const traceOf = (nth: number, version: number): string => `# hvreplay-trace: 1
# machine: ../machines/m.yaml
op,dom,sbdf,reg,size,value
boot.hwdom_setup,,,,,
cfg.write,d0,0000:00:03.0,0x10,4,0x${(0xfd000000 + nth * 0x100000 + version * 0x10000).toString(16)}
cfg.write,d0,0000:00:03.0,0x4,2,0x2
`;

/** Thirty cases; the second version changes all of them but two, which it lacks, and has two more. */
const corpusOf = (version: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: 30 }, (_, nth) => nth + 2 * version).map((nth) => [
      `traces/s/c${nth}.csv`,
      traceOf(nth, version),
    ]),
  );

const LONG = `${traceOf(0, 0)}${'cfg.write,d0,0000:00:03.0,0x4,2,0x2\n'.repeat(3000)}`;
const PARTING = readFileSync('traces/sriov/vf-before-pf.csv', 'utf8');
const PARTING_MACHINE = readFileSync('traces/machines/sriov-hotplug.yaml', 'utf8');

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

interface Killed {
  readonly name: string;
  readonly words: readonly string[];
  /** Where it writes. */
  readonly folder: string;
  /** Its input before; without, what it writes has been something else before. */
  readonly earlier?: (here: Scratch) => void;
}

const putCorpus = (here: Scratch, version: number): void => {
  rmSync(here.at('traces/s'), { recursive: true, force: true });
  for (const [path, text] of Object.entries(corpusOf(version))) here.write(path, text);
};

const REPORTERS = ['json=out/r.json', 'junit=out/r.xml', 'html=out/r.html'].flatMap((to) => ['--reporter', to]);
const PARTS = ['xen-4.18', 'xen-4.20'].flatMap((name) => ['--release', name]);

const COMMANDS: readonly Killed[] = [
  { name: 'accept', words: ['accept'], folder: 'golden', earlier: (here) => putCorpus(here, 0) },
  { name: 'convert to text', words: ['convert', 'in/long.csv', 'out/t.jsonl'], folder: 'out' },
  { name: 'convert to protobuf', words: ['convert', 'in/long.csv', 'out/t.pb'], folder: 'out' },
  { name: 'check --reporter', words: ['check', ...REPORTERS], folder: 'out' },
  { name: 'shrink --out', words: ['shrink', 'in/parting.csv', ...PARTS, '--out', 'out', '--force'], folder: 'out' },
];

/** Files by path; what a kill left, aside. */
const contents = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile() && !isTemporary(path) && path !== ACCEPT_LOCK)
      .map((path) => [path, readFileSync(join(folder, path), 'latin1')]),
  );

const temporariesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => isTemporary(path)).length;

const restore = (here: Scratch, folder: string, files: ReadonlyMap<string, string>): void => {
  for (const path of contents(here.at(folder)).keys()) if (!files.has(path)) rmSync(here.at(`${folder}/${path}`));
  for (const [path, text] of files) here.write(`${folder}/${path}`, Buffer.from(text, 'latin1'));
  rmSync(here.at(`${folder}/${ACCEPT_LOCK}`), { force: true });
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
const measure = (here: Scratch, { words, folder, earlier }: Killed) => {
  if (earlier !== undefined) {
    earlier(here);
    succeed(here, words);
    putCorpus(here, 1);
  }
  const before = earlier === undefined ? undefined : contents(here.at(folder));
  const began = performance.now();
  const calls = Number(succeed(here, words, ['--import', PRELOAD]).output[3]);
  const ms = performance.now() - began;
  const after = contents(here.at(folder));
  const old = before ?? new Map([...after.keys()].map((path) => [path, `old ${'content '.repeat(1000)}`]));
  return { old, after, calls, ms };
};

const GOLDEN_RATIO = 0.618_034;

const killOften = async (here: Scratch, killed: Killed, kills: number): Promise<Tally> => {
  const { words, folder } = killed;
  const { old, after, calls, ms } = measure(here, killed);
  const random = makeRandom(SEED + kills);
  const tally: Tally = { atCalls: 0, atMoments: 0, tooLate: 0, old: 0, new: 0, temporaries: 0, locks: 0 };
  const paths = [...new Set([...old.keys(), ...after.keys()])];
  for (let nth = 0; nth < kills; nth += 1) {
    restore(here, folder, old);
    const call = 1 + Math.floor(calls * ((nth * GOLDEN_RATIO) % 1));
    const dead = nth % 2 === 0 ? killAt(here, words, call) : await killAfter(here, words, random(Math.ceil(ms)));
    if (nth % 2 === 0) expect(dead, `call ${call} of ${calls}`).toBe(true);
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

test.each(COMMANDS)('$name, killed, leaves each file old or new', { timeout: TIME_LIMIT_MS }, async (killed) => {
  const here = scratch({
    ...{ 'traces/machines/m.yaml': MACHINE, 'machines/m.yaml': MACHINE, 'in/long.csv': LONG },
    ...{ 'machines/sriov-hotplug.yaml': PARTING_MACHINE, 'in/parting.csv': PARTING },
  });
  putCorpus(here, 1);
  if (killed.folder !== 'golden') succeed(here, ['accept']);
  const tally = await killOften(here, killed, Math.ceil(KILLS / COMMANDS.length));
  expect(tally.old).toBeGreaterThan(0);
  toll.push(`${killed.name}: ${JSON.stringify(tally)}`);
});
