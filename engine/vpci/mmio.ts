// SPDX-License-Identifier: GPL-2.0-only
import { gfn, mfn } from '../num/frames.ts';
import { frameOf, offsetInPage, truncateTo } from '../num/u64.ts';
import { changeMmio } from '../xen/change-mmio.ts';
import { decodeEcam } from '../xen/ecam.ts';
import { P2m, type P2mEntry } from '../xen/p2m.ts';
import type { Domain, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { isMemoryHole } from './decoding.ts';
import { ecamRead, ecamWrite } from './dispatch.ts';
import { findMsix, readMsix, writeMsix } from './msix-mmio.ts';

/** Where an access to guest-physical memory goes. */
export type MmioRoute = 'none' | 'msix' | 'ecam' | 'direct';

const ALL_ONES = 2n ** 64n - 1n;
const PAGE_BYTES = 4096;

/** The memory behind a mapped page; undefined: not MMIO, or the access leaves the page. */
const memoryBehind = (entry: Readonly<P2mEntry>, gpa: bigint, size: number) => {
  const offset = offsetInPage(gpa);
  if (entry.type !== 'mmio_direct' || offset + size > PAGE_BYTES) return undefined;
  return { frame: P2m.mfnOf(entry, gfn(frameOf(gpa))), offset };
};

/** Who traps an access: of ECAM windows and MSI-X tables those first that were there first (hvm_find_io_handler). */
const findTrap = (world: World, domain: Domain, gpa: bigint) => {
  const first = domain.trapsMsixFirst ? findMsix(world, domain, gpa) : undefined;
  if (first !== undefined) return { via: 'msix', msix: first } as const;
  const ecam = decodeEcam(domain, Number(gpa));
  if (ecam !== undefined) return { via: 'ecam', ecam } as const;
  const msix = domain.trapsMsixFirst ? undefined : findMsix(world, domain, gpa);
  return msix === undefined ? undefined : ({ via: 'msix', msix } as const);
};

/**
 * Whether a page that hwdom accesses, where nothing answers, was mapped one to one (hwdom_fixup_p2m): Xen may not know all
 * memory of the host. What is in the memory map is left alone. The access is then made again.
 */
const isMappedOnFault = (world: World, domain: Domain, gpa: bigint): boolean => {
  if (!world.options.pageFaultFixup || !domain.isHwdom) return false;
  const frame = gfn(frameOf(gpa));
  if (!domain.iomem.contains(frame, frame) || !isMemoryHole(world, frame, frame)) return false;
  const ret = changeMmio(world, domain, { start: frame, count: 1, mfn: mfn(frame) }, true, 'one');
  applyRule(world, 'mmio.mapped-on-fault', { domain: domain.name, gfn: frame });
  world.trail?.mapped?.({ domain: domain.name, isMap: true, ret, firstGfn: frame, lastGfn: frame, firstMfn: frame });
  return true;
};

/**
 * A read of 1, 2, 4 or 8 bytes: what the p2m maps does not trap; else ECAM windows and MSI-X tables are asked; nothing
 * there reads as all ones. Of mapped memory only MMIO is modelled, the rest reads as 0.
 */
export const readMmio = (
  world: World,
  gpa: bigint,
  size: number,
): { readonly value: bigint; readonly via: MmioRoute } => {
  const { domain } = world.current;
  const entry = domain.p2m.at(gfn(frameOf(gpa)));
  if (entry !== undefined) {
    const memory = memoryBehind(entry, gpa, size);
    return {
      value: memory === undefined ? 0n : world.hw.memory.read(memory.frame, memory.offset, size),
      via: 'direct',
    };
  }
  const trap = findTrap(world, domain, gpa);
  switch (trap?.via) {
    case 'ecam':
      return { value: ecamRead(world, trap.ecam.sbdf, trap.ecam.reg, size) ?? truncateTo(ALL_ONES, size), via: 'ecam' };
    case 'msix':
      return { value: readMsix(world, trap.msix, gpa, size), via: 'msix' };
    case undefined:
      if (isMappedOnFault(world, domain, gpa)) return readMmio(world, gpa, size);
      return { value: truncateTo(ALL_ONES, size), via: 'none' };
  }
};

/** A write of 1, 2, 4 or 8 bytes, which goes where a read would. */
export const writeMmio = (world: World, gpa: bigint, size: number, data: bigint): MmioRoute => {
  const { domain } = world.current;
  const entry = domain.p2m.at(gfn(frameOf(gpa)));
  if (entry !== undefined) {
    const memory = memoryBehind(entry, gpa, size);
    if (memory !== undefined) world.hw.memory.write(memory.frame, memory.offset, size, truncateTo(data, size));
    return 'direct';
  }
  const trap = findTrap(world, domain, gpa);
  if (trap === undefined) return isMappedOnFault(world, domain, gpa) ? writeMmio(world, gpa, size, data) : 'none';
  if (trap.via === 'ecam') ecamWrite(world, trap.ecam.sbdf, trap.ecam.reg, size, data);
  else writeMsix(world, domain, trap.msix, gpa, size, data);
  return trap.via;
};
