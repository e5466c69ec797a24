// SPDX-License-Identifier: GPL-2.0-only
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const NEW_SPACE = 'new_space';

/**
 * Two halves of 8 MiB. Events that go through a replay die at once, and more room for them makes nothing quicker
 * (measured, Node 20 to 24); half of it is too little: events that still live then move to where tidying up is rare.
 */
const ENOUGH_BYTES = 16 * 2 ** 20;

let isHeld = false;

/**
 * Keeps V8's young generation at what it has, once that is enough. V8 doubles it whenever as much as it holds has
 * outlived tidying up, to 32 MiB in Node 20 and to 128 MiB in Node 24, so that a long trace would take more memory than
 * a short one. V8 warns of flags that change while it runs; this one is read whenever the generation is to grow, and
 * nowhere else (Heap::EvaluateNewSpaceGrowth, NewSpace::Grow).
 */
export const holdYoungGeneration = (): void => {
  if (isHeld) return;
  const size = getHeapSpaceStatistics().find(({ space_name }) => space_name === NEW_SPACE)?.space_size ?? 0;
  if (size < ENOUGH_BYTES) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  isHeld = true;
};
