// SPDX-License-Identifier: GPL-2.0-only
import { and, extract } from '../num/bits.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { busOf, devfnOf, MAX_BUS, makeSbdf } from '../num/sbdf.ts';
import { frameOf, highHalf, joinU64, lowHalf, offsetInPage, truncateTo, wrapU64 } from '../num/u64.ts';
import { applyRule } from '../xen/trail.ts';
import { vpciEvent } from './events.ts';
import { findHandler } from './handlers.ts';
import type { ArmDomain, MmioHandler } from './host-bridge.ts';
import type { ArmWorld } from './world.ts';

/** What becomes of a data abort; all but `handled` are passed on to the guest. */
export type MmioState = 'handled' | 'unhandled' | 'abort';

export interface MmioRead {
  readonly state: MmioState;
  /** What the register gets; undefined: it is left alone. */
  readonly register: bigint | undefined;
}

/** Offset of bus, device and function in a window (xen/include/xen/vpci.h, VPCI_ECAM_BDF). */
const ECAM_BDF_MASK = 0x0ffff000;

/** The device an address in a window means. Bus numbers wrap in 8 bits (xen/arch/arm/vpci.c, vpci_sbdf_from_gpa). */
export const deviceAt = ({ address, kind, bridge }: MmioHandler, gpa: bigint): Sbdf => {
  const bdf = extract(lowHalf(wrapU64(gpa - address)), ECAM_BDF_MASK);
  const inWindow = makeSbdf(0, Math.floor(bdf / 0x100), and(bdf, 0xff));
  if (bridge === undefined) return inWindow;
  const firstBus = kind === 'child' ? (bridge.child?.firstBus ?? 0) : bridge.root.firstBus;
  // Only where dom0 binds segments, which a proposal without vPCI has, a bridge may have none.
  return makeSbdf(bridge.segment ?? 0, and(busOf(inWindow) + firstBus, MAX_BUS), devfnOf(inWindow));
};

/**
 * Natural alignment is all that is asked, and keeps an access in its page (xen/drivers/vpci/vpci.c,
 * vpci_access_allowed).
 */
const isAllowed = (world: ArmWorld, handler: MmioHandler, gpa: bigint, sizeBytes: number): boolean => {
  if (gpa % BigInt(sizeBytes) === 0n) return true;
  applyRule(world, 'arm.misaligned-access', { sbdf: deviceAt(handler, gpa), gfn: frameOf(gpa) });
  return false;
};

const readDevice = (world: ArmWorld, sbdf: Sbdf, reg: number, sizeBytes: number): number => {
  const value = world.ports.readVpci(sbdf, reg, sizeBytes);
  world.events.push(vpciEvent('read', sbdf, reg, sizeBytes, value));
  return value;
};

const writeDevice = (world: ArmWorld, sbdf: Sbdf, reg: number, sizeBytes: number, value: number): void => {
  world.ports.writeVpci(sbdf, reg, sizeBytes, value);
  world.events.push(vpciEvent('write', sbdf, reg, sizeBytes, value));
};

/** The value cut to the access, then widened to 64 bits with its sign if the instruction says so. */
const widen = (value: bigint, sizeBytes: number, signExtend: boolean): bigint =>
  signExtend ? wrapU64(BigInt.asIntN(8 * sizeBytes, value)) : truncateTo(value, sizeBytes);

/** The register offset is that of the guest address, whatever the window's alignment. */
const readHandler = (world: ArmWorld, handler: MmioHandler, gpa: bigint, sizeBytes: number): bigint | undefined => {
  const reg = offsetInPage(gpa);
  if (!isAllowed(world, handler, gpa, sizeBytes)) return undefined;
  const sbdf = deviceAt(handler, gpa);
  const lo = readDevice(world, sbdf, reg, Math.min(4, sizeBytes));
  return joinU64(lo, sizeBytes === 8 ? readDevice(world, sbdf, reg + 4, 4) : 0);
};

const ALL_ONES = 2n ** 64n - 1n;

const ignoresUnmapped = (world: ArmWorld, domain: ArmDomain, gpa: bigint): boolean => {
  const isIgnored = world.behaviours.untrappedAccess === 'ones-and-ignored' && !domain.trapUnmapped;
  applyRule(world, isIgnored ? 'arm.untrapped-ignored' : 'arm.not-trapped', { gfn: frameOf(gpa) });
  return isIgnored;
};

/**
 * A load of 1, 2, 4 or 8 bytes that faulted (xen/arch/arm/io.c, try_handle_mmio). `cacheMaintenance`: it was a cache
 * operation, which does nothing where a handler is.
 */
export const readMmio = (
  world: ArmWorld,
  domain: ArmDomain,
  gpa: bigint,
  sizeBytes: number,
  { signExtend = false, cacheMaintenance = false }: { signExtend?: boolean; cacheMaintenance?: boolean } = {},
): MmioRead => {
  const handler = findHandler(domain, gpa);
  if (handler === undefined && !ignoresUnmapped(world, domain, gpa)) return { state: 'unhandled', register: undefined };
  if (cacheMaintenance) return { state: 'handled', register: undefined };
  const value = handler === undefined ? ALL_ONES : readHandler(world, handler, gpa, sizeBytes);
  if (value === undefined) return { state: 'abort', register: undefined };
  return { state: 'handled', register: widen(value, sizeBytes, signExtend) };
};

/** A store of 1, 2, 4 or 8 bytes that faulted; `value` is the whole register, of which vPCI gets 32 bits at a time. */
export const writeMmio = (
  world: ArmWorld,
  domain: ArmDomain,
  gpa: bigint,
  sizeBytes: number,
  value: bigint,
): MmioState => {
  const handler = findHandler(domain, gpa);
  if (handler === undefined) return ignoresUnmapped(world, domain, gpa) ? 'handled' : 'unhandled';
  const reg = offsetInPage(gpa);
  if (!isAllowed(world, handler, gpa, sizeBytes)) return 'abort';
  const sbdf = deviceAt(handler, gpa);
  writeDevice(world, sbdf, reg, Math.min(4, sizeBytes), lowHalf(value));
  if (sizeBytes === 8) writeDevice(world, sbdf, reg + 4, 4, highHalf(value));
  return 'handled';
};
