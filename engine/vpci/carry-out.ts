// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import type { Gfn, Mfn } from '../num/frames.ts';
import { changeMmio } from '../xen/change-mmio.ts';
import type { RangeSet } from '../xen/range-set.ts';
import type { Bar, Domain, MapPart, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';

/** What is to be done with a range set. */
interface Job {
  readonly domain: Domain;
  readonly isMap: boolean;
  readonly shift: number;
  /** Whether a pending preemption is looked at; if not, all is done in one go, which nothing can tell from many calls. */
  readonly preemptible: boolean;
}

/**
 * Maps or unmaps a set, range by range from the lowest on and call by call (map_range). Answers 0, -ERESTART when
 * preempted, or another negated errno.
 */
export const carryOut = (world: World, ranges: RangeSet, job: Job): number => {
  /** Where the range began that takes several calls. */
  let begun: number | undefined;
  for (let range = ranges.lowest(); range !== undefined; range = ranges.lowest()) {
    const { first, last } = range;
    begun ??= first;
    if (isDenied(world, first, last, job)) return -ERRNO.EPERM;
    const ret = carryOutCall(world, ranges, job);
    if (ret <= 0) {
      tellOfRange(world, job, begun, last, ret);
      begun = undefined;
    }
    if (ret < 0) return ret;
    if (ret > 0 && job.preemptible) {
      applyRule(world, 'map.preempted', { domain: job.domain.name, gfn: first, lastGfn: last });
      return -ERRNO.ERESTART;
    }
  }
  return 0;
};

const isDenied = (world: World, first: number, last: number, { domain, shift }: Job): boolean => {
  if (world.behaviours.iomemRightsOnMap !== 'asked' || domain.iomem.contains(first + shift, last + shift)) return false;
  applyRule(world, 'map.no-iomem-right', { domain: domain.name, gfn: first, lastGfn: last });
  return true;
};

const tellOfRange = (world: World, { domain, isMap, shift }: Job, first: number, last: number, ret: number): void =>
  world.trail?.mapped?.({
    ...{ domain: domain.name, isMap, ret },
    ...{ firstGfn: first, lastGfn: last, firstMfn: first + shift },
  });

/** One call of (un)map_mmio_regions on the lowest range: 0 done, 1 more of the range is left, or a negated errno. */
const carryOutCall = (world: World, ranges: RangeSet, job: Job): number => {
  const range = ranges.lowest();
  if (range === undefined) return 0;
  const { domain, isMap, shift, preemptible } = job;
  const count = range.last - range.first + 1;
  const region = { start: range.first as Gfn, count, mfn: (range.first + shift) as Mfn };
  const ret = changeMmio(world, domain, region, isMap, preemptible ? 'one' : 'as-needed');
  if (ret < 0) return ret;
  ranges.consume(ret === 0 ? count : ret);
  return ret === 0 ? 0 : 1;
};

/** Carries out one part after the other; the first failure, or preemption, ends that. Answers as {@link carryOut}. */
export const carryOutParts = (world: World, parts: readonly MapPart[], job: Omit<Job, 'shift'>): number => {
  for (const { ranges, shift } of parts) {
    const ret = carryOut(world, ranges, { ...job, shift });
    if (ret !== 0) return ret;
  }
  return 0;
};

export const shiftOf = (bar: Bar): number => bar.firstMfn - bar.firstGfn;
