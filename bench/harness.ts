// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** What was measured: `value` in `unit`, the median of `rounds`, and how far the rounds were apart. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Of the rounds: (slowest - fastest) / median. */
  readonly spread: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
};

/** How far values are apart, to their median. */
export const spreadOf = (values: readonly number[]): number =>
  (Math.max(...values) - Math.min(...values)) / median(values);

/** What two measures of one run are to each other. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
}

const ROUNDS = 7;
const WARM_UP_MS = 300;
const MAX_WARM_UPS = 20;

/** Seconds that `work` takes. */
export const secondsOf = (work: () => void): number => {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
};

/** How many units a second are done in a call that does `count` of them and answers the seconds it took. */
export const rate = (name: string, unit: string, count: number, call: () => number): Measure => {
  const end = performance.now() + WARM_UP_MS;
  for (let n = 0; n < MAX_WARM_UPS && performance.now() < end; n++) call();
  const rates = Array.from({ length: ROUNDS }, () => count / call());
  return { name, value: median(rates), unit: `${unit}/s`, spread: spreadOf(rates) };
};

const STARTS = 15;

/** Milliseconds from start to end of processes, median of {@link STARTS}; they take turns, so that a busy spell hits all. */
export const startUps = (commands: Readonly<Record<string, readonly string[]>>): readonly Measure[] => {
  const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
  for (let round = -1; round < STARTS; round++)
    for (const [name, args] of Object.entries(commands)) {
      const start = performance.now();
      const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
      if (status !== 0) throw new Error(`${name} ends with status ${status}`);
      if (round >= 0) times.get(name)?.push(performance.now() - start);
    }
  return [...times].map(([name, list]) => ({ name, value: median(list), unit: 'ms', spread: spreadOf(list) }));
};
