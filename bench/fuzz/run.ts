// SPDX-License-Identifier: GPL-2.0-only
import { mutate, wordsOf } from './mutate.ts';
import { makeRandom } from './random.ts';
import type { Target } from './targets.ts';

/** An input that a decoder could not cope with. */
export interface Failure {
  readonly target: string;
  readonly seed: number;
  readonly reason: string;
  readonly input: Uint8Array;
}

export interface Summary {
  accepted: number;
  refused: number;
  readonly failures: Failure[];
  /** The input that took longest, ms. */
  slowest: { readonly seed: number; readonly ms: number };
}

/** The input that a number stands for: the same on every machine. */
export const inputOf = (
  { structure }: Target,
  seeds: readonly Uint8Array[],
  words: readonly string[],
  seed: number,
): Uint8Array => mutate(seeds, words, makeRandom(seed), structure);

/**
 * Hands `count` inputs to a decoder, from the one that `first` stands for.
 * @param starts is told of each input before it is read, so that one that never ends can be named
 */
export const fuzz = async (
  target: Target,
  seeds: readonly Uint8Array[],
  [first, count]: readonly [first: number, count: number],
  starts: (seed: number) => void = () => {},
): Promise<Summary> => {
  const words = wordsOf(seeds);
  const summary: Summary = { accepted: 0, refused: 0, failures: [], slowest: { seed: first, ms: 0 } };
  for (let seed = first; seed < first + count; seed += 1) {
    starts(seed);
    const input = inputOf(target, seeds, words, seed);
    const began = performance.now();
    try {
      summary[await target.read(input)] += 1;
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      summary.failures.push({ target: target.name, seed, reason, input });
    }
    const ms = performance.now() - began;
    if (ms > summary.slowest.ms) summary.slowest = { seed, ms };
  }
  return summary;
};
