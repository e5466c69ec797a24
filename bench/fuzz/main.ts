// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wordsOf } from './mutate.ts';
import { fuzz, inputOf } from './run.ts';
import { projectRoot, seedsOf } from './seeds.ts';
import { TARGETS, type Target } from './targets.ts';

/**
 * `npm run fuzz -- SECONDS [FIRST-SEED]`: mutated inputs for every decoder, each in a process of its own, which is ended if it
 * does not come back or takes too much memory. Inputs that fail are left in fuzz-findings/.
 */

const BATCH = 400;
const BATCH_LIMIT_MS = 120_000;
const HEAP_LIMIT_MIB = 768;
/** Inputs are small: what takes longer takes time that grows with the square of something. */
const SLOW_MS = 10_000;

interface Answer {
  readonly accepted: number;
  readonly refused: number;
  readonly slowest: { readonly seed: number; readonly ms: number };
  readonly failures: readonly { readonly seed: number; readonly reason: string }[];
}

interface Total {
  inputs: number;
  accepted: number;
  slowestMs: number;
  failures: number;
}

const [, self = '', first = '60', second = '1', third = ''] = process.argv;

const targetNamed = (name: string): Target => {
  const target = TARGETS.find((each) => each.name === name);
  if (target === undefined)
    throw new Error(`no target ${name}; there are ${TARGETS.map((each) => each.name).join(', ')}`);
  return target;
};

/** What the process of one batch does. */
const runBatch = async (name: string, from: number): Promise<void> => {
  const target = targetNamed(name);
  const { failures, ...counts } = await fuzz(target, seedsOf(target), [from, BATCH], (seed) => {
    writeFileSync(3, `${seed}\n`);
  });
  const answer: Answer = { ...counts, failures: failures.map(({ seed, reason }) => ({ seed, reason })) };
  process.stdout.write(JSON.stringify(answer));
};

const keep = (target: Target, seed: number, reason: string): void => {
  const folder = join(projectRoot(), 'fuzz-findings');
  mkdirSync(folder, { recursive: true });
  const seeds = seedsOf(target);
  writeFileSync(join(folder, `${target.name}-${seed}`), inputOf(target, seeds, wordsOf(seeds), seed));
  writeFileSync(join(folder, `${target.name}-${seed}.txt`), `${reason}\n`);
  process.stderr.write(`${target.name} ${seed}: ${reason.split('\n')[0]}\n`);
};

/** Runs a batch and adds it up; a process that died or hung is a failure of the input that it was at. */
const batch = (target: Target, from: number, total: Total): void => {
  const options = ['--max-old-space-size', HEAP_LIMIT_MIB].join('=');
  const done = spawnSync(process.execPath, [options, self, 'batch', target.name, String(from)], {
    ...{ encoding: 'utf8', timeout: BATCH_LIMIT_MS, maxBuffer: 2 ** 26 },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  if (done.status !== 0) {
    const at = Number((done.output[3] ?? '').trim().split('\n').at(-1));
    keep(target, at, done.signal === null ? `died: ${done.stderr.slice(0, 500)}` : `did not end (${done.signal})`);
    total.failures += 1;
    return;
  }
  const { accepted, refused, slowest, failures }: Answer = JSON.parse(done.stdout);
  for (const { seed, reason } of failures) keep(target, seed, reason);
  if (slowest.ms > SLOW_MS) keep(target, slowest.seed, `took ${Math.round(slowest.ms)} ms`);
  total.inputs += accepted + refused + failures.length;
  total.accepted += accepted;
  total.failures += failures.length + (slowest.ms > SLOW_MS ? 1 : 0);
  total.slowestMs = Math.max(total.slowestMs, slowest.ms);
};

const runAll = (seconds: number, from: number): void => {
  const totals = new Map(
    TARGETS.map((target): [Target, Total] => [target, { inputs: 0, accepted: 0, slowestMs: 0, failures: 0 }]),
  );
  const end = Date.now() + seconds * 1000;
  for (let seed = from; Date.now() < end; seed += BATCH) {
    for (const [target, total] of totals) batch(target, seed, total);
  }
  for (const [{ name }, { inputs, accepted, slowestMs, failures }] of totals)
    console.log(
      `${name.padEnd(12)} ${inputs} inputs, ${accepted} accepted, slowest ${Math.round(slowestMs)} ms, ${failures} failures`,
    );
  if ([...totals.values()].some(({ failures }) => failures > 0)) process.exitCode = 1;
};

if (fileURLToPath(import.meta.url) !== self) throw new Error('runs as a program');
if (first === 'batch') await runBatch(second, Number(third));
else runAll(Number(first), Number(second));
