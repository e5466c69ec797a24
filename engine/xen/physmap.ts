// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import type { Gfn, Mfn } from '../num/frames.ts';
import type { RuleId } from '../semantics/rules.ts';
import { P2m, type P2mEntry } from './p2m.ts';
import { mapMmioOnArm } from './p2m-arm.ts';
import type { Domain, World } from './state.ts';
import { applyRule } from './trail.ts';

/** What XENMEM_add_to_physmap puts into a p2m: a page of the domain itself, of another one, or MMIO. */
export const PHYSMAP_SPACES = ['gmfn', 'gmfn_foreign', 'dev_mmio'] as const;
export type PhysmapSpace = (typeof PHYSMAP_SPACES)[number];

interface Request {
  readonly space: PhysmapSpace;
  /** A guest frame, or of MMIO a machine frame. */
  readonly idx: number;
  readonly gpfn: Gfn;
}

/** An answer that a rule gives. */
const by = (world: World, domain: Domain, gfn: number, ret: number, rule: RuleId): number => {
  applyRule(world, rule, { domain: domain.name, gfn });
  return ret;
};

/**
 * Whether the running domain may change another's p2m (XSM's default policy), and map MMIO there: the hardware domain
 * for itself only (xatp_permission_check). `guestsMapMmio`: guests may as well, which was proposed.
 */
export const checkPhysmapRights = (
  world: World,
  domain: Domain,
  space: PhysmapSpace | undefined,
  guestsMapMmio: boolean,
): number => {
  const { domain: caller } = world.current;
  const isItself = caller === domain;
  if (space === 'dev_mmio' && !(isItself && (domain.isHwdom || guestsMapMmio)))
    return by(world, domain, 0, -ERRNO.EACCES, 'physmap.mmio-for-hwdom-only');
  return isItself || caller.isHwdom ? 0 : by(world, domain, 0, -ERRNO.EPERM, 'physmap.not-permitted');
};

const isOwnMemory = ({ type }: Pick<P2mEntry, 'type'>): boolean => type === 'ram_rw' || type === 'ram_ro';

/** What stands against a page at the source or the destination of a move; 0: nothing. */
const obstacle = (world: World, domain: Domain, { idx, gpfn }: Request): number => {
  const source = domain.p2m.at(idx as Gfn);
  const isStrict = world.behaviours.movedPages === 'read-write-memory';
  if (source === undefined || !(isStrict ? source.type === 'ram_rw' : isOwnMemory(source)))
    return by(world, domain, idx, isStrict ? -ERRNO.EACCES : -ERRNO.EINVAL, 'physmap.source-not-memory');
  const there = domain.p2m.at(gpfn);
  if (there?.type === 'mmio_direct') return by(world, domain, gpfn, -ERRNO.EPERM, 'physmap.not-over-mmio');
  if (there !== undefined && !isOwnMemory(there))
    return by(world, domain, gpfn, -ERRNO.ENXIO, 'physmap.not-over-foreign');
  if (there !== undefined && idx !== gpfn) applyRule(world, 'physmap.page-freed', { domain: domain.name, gfn: gpfn });
  return 0;
};

/** Moves a page within the domain; what was at its destination is freed. */
const movePage = (world: World, domain: Domain, request: Request): number => {
  const ret = obstacle(world, domain, request);
  const { p2m } = domain;
  const source = p2m.at(request.idx as Gfn);
  if (ret !== 0 || source === undefined) return ret;
  const page = P2m.mfnOf(source, request.idx as Gfn);
  p2m.clear(request.idx as Gfn, 1);
  p2m.set(request.gpfn, 1, page, 'ram_rw');
  return 0;
};

/** A page of MMIO on Arm; without the right to it nothing happens, and the answer is 0 (map_dev_mmio_page). */
const mapMmioPage = (world: World, domain: Domain, { idx, gpfn }: Request, refusal: number): number => {
  if (domain.iomem.contains(idx, idx)) return mapMmioOnArm(domain.p2m, gpfn, 1, idx as Mfn);
  return by(world, domain, gpfn, refusal, 'physmap.mmio-without-right');
};

/**
 * One page (xenmem_add_to_physmap_one). `guestsMapMmio`: as proposed, where a missing right is -EPERM. Foreign pages are
 * for the batched call, with a domain to take them from, and not modelled.
 */
export const addToPhysmap = (world: World, domain: Domain, request: Request, guestsMapMmio: boolean): number => {
  const isArm = world.hw.machine.arch === 'arm';
  const { space, gpfn } = request;
  if (space === 'dev_mmio' && isArm) return mapMmioPage(world, domain, request, guestsMapMmio ? -ERRNO.EPERM : 0);
  if (space === 'gmfn' && !isArm) return movePage(world, domain, request);
  const ret = space === 'dev_mmio' ? -ERRNO.EINVAL : -ERRNO.ENOSYS;
  return by(world, domain, gpfn, ret, 'physmap.unknown-space');
};

/** Takes a page of memory, its own or another's, out of the p2m: -ENOENT for all else (XENMEM_remove_from_physmap). */
export const removeFromPhysmap = (world: World, domain: Domain, gpfn: Gfn): number => {
  const there = domain.p2m.at(gpfn);
  if (there === undefined || !(isOwnMemory(there) || there.type === 'map_foreign'))
    return by(world, domain, gpfn, -ERRNO.ENOENT, 'physmap.nothing-to-remove');
  domain.p2m.clear(gpfn, 1);
  return 0;
};
