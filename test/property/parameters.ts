// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import type { Behaviours } from '../../engine/semantics/behaviours.ts';
import { RELEASES } from '../../engine/semantics/releases.ts';

/**
 * The same cases on every run, so that a red test is the fault of the change at hand. HVREPLAY_SEED=<number> or
 * `random` takes others, HVREPLAY_CASES=<factor> more of them. A failure prints seed and path to it.
 */
const { HVREPLAY_SEED, HVREPLAY_CASES } = process.env;

const DEFAULT_SEED = 20_170_418;

const seedOf = (text: string | undefined): { readonly seed?: number } => {
  if (text === 'random') return {};
  return { seed: text === undefined ? DEFAULT_SEED : Number(text) };
};

/** What a property runs with. */
export const cases = (count: number): fc.Parameters<unknown> => ({
  ...seedOf(HVREPLAY_SEED),
  numRuns: count * Number(HVREPLAY_CASES ?? 1),
  endOnFailure: false,
});

/** A release, shown by its name in a counterexample. */
export const release: fc.Arbitrary<{ readonly name: string; readonly behaviours: Behaviours }> = fc
  .constantFrom(...RELEASES)
  .map(({ name, behaviours }) => ({ name, behaviours, [fc.toStringMethod]: () => name }));
