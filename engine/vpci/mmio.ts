// SPDX-License-Identifier: GPL-2.0-only
import type { Gfn } from '../num/frames.ts';
import { frameOf, offsetInPage, truncateTo } from '../num/u64.ts';
import { decodeEcam } from '../xen/ecam.ts';
import { P2m } from '../xen/p2m.ts';
import type { World } from '../xen/state.ts';
import { ecamRead, ecamWrite } from './dispatch.ts';
import { findMsix, readMsix, writeMsix } from './msix-mmio.ts';

/** Where an access to guest-physical memory goes. */
export type MmioRoute = 'none' | 'msix' | 'ecam' | 'direct';

const ALL_ONES = 2n ** 64n - 1n;
const PAGE_BYTES = 4096;

/** Whether an access stays within a page of mapped MMIO: only then it reaches the memory behind. */
const directTarget = (world: World, gpa: bigint, size: number) => {
  const at = frameOf(gpa) as Gfn;
  const entry = world.current.domain.p2m.at(at);
  if (entry === undefined || entry.type !== 'mmio_direct' || offsetInPage(gpa) + size > PAGE_BYTES) return undefined;
  return { frame: P2m.mfnOf(entry, at), offset: offsetInPage(gpa) };
};

/** A read of 1, 2, 4 or 8 bytes: handlers first, then what the p2m maps; nothing there reads as all ones. */
export const readMmio = (
  world: World,
  gpa: bigint,
  size: number,
): { readonly value: bigint; readonly via: MmioRoute } => {
  const { domain } = world.current;
  const ecam = decodeEcam(domain, Number(gpa));
  if (ecam !== undefined)
    return { value: ecamRead(world, ecam.sbdf, ecam.reg, size) ?? truncateTo(ALL_ONES, size), via: 'ecam' };
  const msix = findMsix(world, domain, gpa);
  if (msix !== undefined) return { value: readMsix(world, msix, gpa, size), via: 'msix' };
  if (domain.p2m.at(frameOf(gpa) as Gfn) === undefined) return { value: truncateTo(ALL_ONES, size), via: 'none' };
  const target = directTarget(world, gpa, size);
  const value = target === undefined ? 0n : world.hw.readMemory(target.frame, target.offset, size);
  return { value, via: 'direct' };
};

/** A write of 1, 2, 4 or 8 bytes. */
export const writeMmio = (world: World, gpa: bigint, size: number, data: bigint): MmioRoute => {
  const { domain } = world.current;
  const ecam = decodeEcam(domain, Number(gpa));
  if (ecam !== undefined) {
    ecamWrite(world, ecam.sbdf, ecam.reg, size, data);
    return 'ecam';
  }
  const msix = findMsix(world, domain, gpa);
  if (msix !== undefined) {
    writeMsix(world, domain, msix, gpa, size, data);
    return 'msix';
  }
  if (domain.p2m.at(frameOf(gpa) as Gfn) === undefined) return 'none';
  const target = directTarget(world, gpa, size);
  if (target !== undefined) world.hw.writeMemory(target.frame, target.offset, size, truncateTo(data, size));
  return 'direct';
};
