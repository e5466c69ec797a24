// SPDX-License-Identifier: GPL-2.0-only
import { wrapU64 } from '../num/u64.ts';
import { handlerEvent } from './events.ts';
import { GUEST_ECAM } from './guest-layout.ts';
import { binarySearch, heapSort } from './handler-table.ts';
import type { ArmDomain, MmioHandler } from './host-bridge.ts';
import type { ArmWorld } from './world.ts';
import { HWDOM } from './world.ts';

/** Handlers of other emulated devices that room is kept for (xen/arch/arm/include/asm/mmio.h, MAX_IO_HANDLER). */
const OTHER_HANDLERS = 16;

/**
 * An address lies before, in or behind a range; of two ranges the first one's start counts (cmp_mmio_handler). The end is
 * computed in 64 bits: all addresses from its start on are behind a range that ends at or beyond 2^64.
 */
const compareToRange = (address: bigint, range: MmioHandler): number => {
  if (address < range.address) return -1;
  return address >= wrapU64(range.address + range.size) ? 1 : 0;
};

/** dom0 gets the windows of all host bridges, a guest its virtual one (xen/arch/arm/vpci.c, domain_vpci_init). */
const vpciHandlers = (world: ArmWorld, name: string): readonly MmioHandler[] => {
  if (!world.options.hasVpci) return [];
  if (name !== HWDOM) return [{ ...GUEST_ECAM, kind: 'guest', bridge: undefined }];
  return world.bridges.flatMap((bridge): MmioHandler[] => {
    const { root, child } = bridge;
    const own: MmioHandler = { address: root.address, size: root.size, kind: 'root', bridge };
    return child === undefined ? [own] : [own, { address: child.address, size: child.size, kind: 'child', bridge }];
  });
};

/** A domain with its trap handlers for config space; replaces one of the same name. */
export const createDomain = (
  world: ArmWorld,
  name: string,
  { trapUnmapped = true, spare = OTHER_HANDLERS }: { readonly trapUnmapped?: boolean; readonly spare?: number } = {},
): ArmDomain => {
  const handlers: MmioHandler[] = [];
  for (const handler of vpciHandlers(world, name)) {
    handlers.push(handler);
    heapSort(handlers, (a, b) => compareToRange(a.address, b));
  }
  const domain: ArmDomain = { trapUnmapped, maxHandlers: handlers.length + spare, handlers };
  world.domains.set(name, domain);
  world.events.push(...handlers.map(handlerEvent));
  return domain;
};

/** The handler for a guest address (xen/arch/arm/io.c, find_mmio_handler). */
export const findHandler = ({ handlers }: ArmDomain, gpa: bigint): MmioHandler | undefined =>
  binarySearch(gpa, handlers, compareToRange);
