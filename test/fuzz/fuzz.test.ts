// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { fuzz } from '../../bench/fuzz/run.ts';
import { seedsOf } from '../../bench/fuzz/seeds.ts';
import { TARGETS } from '../../bench/fuzz/targets.ts';

/** A sample of what `npm run fuzz` does for as long as one likes: the same inputs each time. */

const INPUTS = 300;

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (_name, target) => {
  const seeds = seedsOf(target);

  test('accepts its seeds', async () => {
    for (const seed of seeds) expect(await target.read(seed)).toBe('accepted');
  });

  test(`answers each of ${INPUTS} mutated inputs, and refuses some`, async () => {
    const { accepted, refused, failures } = await fuzz(target, seeds, [1, INPUTS]);
    expect(failures.map(({ seed, reason }) => `${seed}: ${reason}`)).toEqual([]);
    expect(accepted + refused).toBe(INPUTS);
    expect(refused).toBeGreaterThan(0);
  });
});
