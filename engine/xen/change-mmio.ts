// SPDX-License-Identifier: GPL-2.0-only
import type { Gfn, Mfn } from '../num/frames.ts';
import { crash } from './domains.ts';
import type { Domain, World } from './state.ts';
import { applyRule } from './trail.ts';

/** Guest frames `start` … `start + count - 1` and the first of the machine frames that they are to be, or no more. */
export interface MmioRegion {
  readonly start: Gfn;
  readonly count: number;
  readonly mfn: Mfn;
}

/**
 * Maps or unmaps MMIO for a domain (map_mmio_regions, unmap_mmio_regions); what must not be replaced crashes it. Answers
 * 0, the number of frames done when a call does no more, or a negated errno. `calls`: as many as it takes, or one.
 */
export const changeMmio = (
  world: World,
  domain: Domain,
  { start, count, mfn }: MmioRegion,
  isMap: boolean,
  calls: 'one' | 'as-needed',
): number => {
  const { p2m } = domain;
  const limit = calls === 'one' ? undefined : Number.POSITIVE_INFINITY;
  const { ret, conflict } = isMap ? p2m.mapMmio(start, count, mfn, limit) : p2m.unmapMmio(start, count, mfn, limit);
  const subject = { domain: domain.name, gfn: start, lastGfn: start + count - 1 };
  if (conflict !== undefined) {
    applyRule(world, 'p2m.not-replaceable', subject);
    crash(world, domain);
  } else if (ret < 0) applyRule(world, 'p2m.nothing-to-unmap', subject);
  return ret;
};
