// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import type { Gfn, Mfn } from '../num/frames.ts';
import type { RuleId } from '../semantics/rules.ts';
import { isHeapFrame } from './heap-frames.ts';
import { P2m, type P2mEntry } from './p2m.ts';
import { mapMmioOnArm } from './p2m-arm.ts';
import type { Domain, World } from './state.ts';
import { applyRule } from './trail.ts';

/** What XENMEM_add_to_physmap puts into a p2m: a page of the domain itself, of another one, MMIO, or its grant table. */
export const PHYSMAP_SPACES = ['gmfn', 'gmfn_foreign', 'dev_mmio', 'grant_table'] as const;
export type PhysmapSpace = (typeof PHYSMAP_SPACES)[number];

interface Request {
  readonly space: Exclude<PhysmapSpace, 'grant_table'>;
  /** A guest frame, or of MMIO a machine frame. */
  readonly idx: number;
  readonly gpfn: Gfn;
}

/** A domain as far as its p2m is concerned. */
type Owner = Pick<Domain, 'name' | 'p2m'>;

/** An answer that a rule gives. */
const by = (world: Pick<World, 'trail'>, domain: Owner, gfn: number, ret: number, rule: RuleId): number => {
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

/** What stands on x86 against page `mfn` at `gpfn`; 0: nothing, and what is there goes (xenmem_add_to_physmap_one). */
const obstacleAt = (world: Pick<World, 'trail'>, domain: Owner, gpfn: Gfn, mfn: Mfn): number => {
  const there = domain.p2m.at(gpfn);
  if (there === undefined) return 0;
  if (there.type === 'mmio_direct') return by(world, domain, gpfn, -ERRNO.EPERM, 'physmap.not-over-mmio');
  if (!isOwnMemory(there)) return by(world, domain, gpfn, -ERRNO.ENXIO, 'physmap.not-over-foreign');
  const page = P2m.mfnOf(there, gpfn);
  if (page === mfn) return 0;
  return by(world, domain, gpfn, 0, isHeapFrame(page) ? 'physmap.page-unhooked' : 'physmap.page-freed');
};

/** What stands against a page at the source or the destination of a move; 0: nothing. */
const obstacle = (world: World, domain: Domain, { idx, gpfn }: Request): number => {
  const source = domain.p2m.at(idx as Gfn);
  const isStrict = world.behaviours.movedPages === 'read-write-memory';
  if (source === undefined || !(isStrict ? source.type === 'ram_rw' : isOwnMemory(source)))
    return by(world, domain, idx, isStrict ? -ERRNO.EACCES : -ERRNO.EINVAL, 'physmap.source-not-memory');
  return obstacleAt(world, domain, gpfn, P2m.mfnOf(source, idx as Gfn));
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

/** A page of Xen's that is to be at a guest frame; `isElsewhere`: it is at a place that the model does not know. */
interface HeapPage {
  readonly gpfn: Gfn;
  readonly mfn: Mfn;
  readonly isElsewhere: boolean;
}

/**
 * Puts a page of Xen's into a p2m (xenmem_add_to_physmap_one). Such a page is at one guest frame at most: on x86 it goes
 * from where it was, on Arm it has to be taken away before.
 */
export const putHeapPage = (
  world: Pick<World, 'trail'> & { readonly isArm: boolean },
  domain: Owner,
  { gpfn, mfn, isElsewhere }: HeapPage,
): number => {
  const { p2m } = domain;
  const before = p2m.frameOf(mfn);
  if (world.isArm) {
    if (isElsewhere || before !== undefined)
      return by(world, domain, before ?? gpfn, -ERRNO.EBUSY, 'physmap.page-mapped-already');
  } else {
    const ret = obstacleAt(world, domain, gpfn, mfn);
    if (ret !== 0) return ret;
    if (before !== undefined && before !== gpfn) {
      applyRule(world, 'physmap.page-moved', { domain: domain.name, gfn: before });
      p2m.clear(before, 1);
    }
  }
  p2m.set(gpfn, 1, mfn, 'ram_rw');
  return 0;
};

/** Takes a page of memory, its own or another's, out of the p2m: -ENOENT for all else (XENMEM_remove_from_physmap). */
export const removeFromPhysmap = (world: World, domain: Domain, gpfn: Gfn): number => {
  const there = domain.p2m.at(gpfn);
  if (there === undefined || !(isOwnMemory(there) || there.type === 'map_foreign'))
    return by(world, domain, gpfn, -ERRNO.ENOENT, 'physmap.nothing-to-remove');
  domain.p2m.clear(gpfn, 1);
  return 0;
};
