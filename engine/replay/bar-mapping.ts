// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';
import type { ModelWorld } from '../state/model-world.ts';
import { isMappable } from '../vpci/bar.ts';
import type { Bar } from '../xen/state.ts';

/** Frames from the first to the last. */
type Range = readonly [first: number, last: number];

/** What of a BAR is mapped to it in the p2m that it belongs into. */
export interface BarMapping {
  /** `bar 0`, `rom`. */
  readonly bar: string;
  readonly domain: string;
  /** Where all of it would be. */
  readonly gfn: Range;
  /** What is there of it. */
  readonly mapped: readonly Range[];
}

const mappedRanges = (bar: Bar, runs: Iterable<{ first: number; last: number; mfn: number }>): readonly Range[] => {
  const found: Range[] = [];
  for (const run of runs) {
    const [first, last] = [Math.max(run.first, bar.firstGfn), Math.min(run.last, bar.lastGfn)];
    if (first <= last && run.mfn - run.first === bar.firstMfn - bar.firstGfn) found.push([first, last]);
  }
  return found;
};

/** Of each BAR that gets into a p2m, and the ROM, as long as Xen emulates the device for a domain. */
export const barMappings = (world: ModelWorld, sbdf: Sbdf): readonly BarMapping[] => {
  const dev = world.devices.get(sbdf);
  // What Xen keeps is set up, if at all, for hwdom (xen/drivers/vpci/header.c: modify_bars).
  const owner = dev?.domain === world.domXen ? world.hwdom : dev?.domain;
  if (dev === undefined || owner === undefined) return [];
  return (dev.vpci?.bars ?? [])
    .filter(({ type, sizeBytes }) => isMappable(type) && sizeBytes > 0n)
    .map((bar) => ({
      ...{ bar: bar.type === 'rom' ? 'rom' : `bar ${bar.index}`, domain: owner.name },
      gfn: [bar.firstGfn, bar.lastGfn],
      mapped: mappedRanges(bar, owner.p2m.list()),
    }));
};
