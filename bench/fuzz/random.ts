// SPDX-License-Identifier: GPL-2.0-only

/** A number from 0 up to but without `below`. */
export type Random = (below: number) => number;

const MODULUS = 2 ** 32;

/** Numbers that look random and are always the same for the same seed (a linear congruential generator). */
export const makeRandom = (seed: number): Random => {
  let state = (seed * 2_654_435_761) % MODULUS;
  return (below) => {
    state = (state * 69_069 + 1) % MODULUS;
    return Math.floor((state / MODULUS) * below);
  };
};
