// SPDX-License-Identifier: GPL-2.0-only
import { frameOf } from '../num/u64.ts';
import { RangeSet } from '../xen/range-set.ts';
import type { Bar, BarType, PciDev, World } from '../xen/state.ts';

/** Fields of a BAR (PCI Local Bus 3.0, 6.2.5.1). */
export const BASE_ADDRESS_TYPE_MASK = 0x6;
export const BASE_ADDRESS_MEM_MASK = 0xfffffff0;

/** Fields of the expansion ROM register (PCI Local Bus 3.0, 6.2.5.2). */
export const ROM_ADDRESS_MASK = 0xfffff800;
export const ROM_ADDRESS_ENABLE = 0x1;

export const NORMAL_BARS = 6;
export const BRIDGE_BARS = 2;
/** Slots for BARs and the ROM. */
export const BAR_SLOTS = NORMAL_BARS + 1;

export const makeBar = (dev: PciDev, index: number): Bar => ({
  dev,
  index,
  type: 'empty',
  address: 0n,
  guestAddress: 0n,
  mappedAddress: 0n,
  sizeBytes: 0n,
  prefetchable: false,
  enabled: false,
  resizableSizes: 0n,
  ranges: undefined,
  firstMfn: 0,
  lastMfn: 0,
  firstGfn: 0,
  lastGfn: 0,
});

/** Whether a BAR's type is one that gets into a p2m (MAPPABLE_BAR). */
export const isMappable = (type: BarType): boolean => type === 'mem32' || type === 'mem64lo' || type === 'rom';

export const isMemoryBar = (type: BarType): boolean => type === 'mem32' || type === 'mem64lo';

/** Keeps the frames of a BAR: on the host, and in its owner's p2m where it is mapped. */
const updateFrames = (world: World, bar: Bar): void => {
  const span = bar.sizeBytes - 1n;
  bar.firstMfn = frameOf(bar.address);
  bar.lastMfn = frameOf(bar.address + span);
  const mappedAt = world.behaviours.barPlacement === 'guest-address' ? bar.guestAddress : bar.address;
  bar.mappedAddress = mappedAt;
  bar.firstGfn = frameOf(mappedAt);
  bar.lastGfn = frameOf(mappedAt + span);
};

/**
 * Whether a host address is a BAR's guest address too until a guest changes it. It is not in the time between the
 * first handlers for guests and maps at guest addresses.
 */
const isIdentityKept = (world: World): boolean =>
  world.behaviours.barPlacement === 'guest-address' || world.behaviours.guestVpci === 'none';

/** Places a BAR; the index of enabled BARs follows. Addresses and size in bytes. */
export const placeBar = (
  world: World,
  bar: Bar,
  place: { readonly address?: bigint; readonly guestAddress?: bigint; readonly sizeBytes?: bigint },
): void => {
  if (bar.enabled) world.enabledBars.remove(bar);
  if (place.sizeBytes !== undefined) bar.sizeBytes = place.sizeBytes;
  if (place.address !== undefined) bar.address = place.address;
  if (place.guestAddress !== undefined) bar.guestAddress = place.guestAddress;
  updateFrames(world, bar);
  if (bar.enabled) world.enabledBars.add(bar);
};

/** Places a BAR at a host address. */
export const placeOnHost = (world: World, bar: Bar, address: bigint, sizeBytes: bigint): void =>
  placeBar(world, bar, { address, sizeBytes, ...(isIdentityKept(world) ? { guestAddress: address } : {}) });

/** Marks a BAR as mapped or not; the index of enabled BARs follows. */
export const setBarEnabled = (world: World, bar: Bar, enabled: boolean): void => {
  if (bar.enabled === enabled) return;
  bar.enabled = enabled;
  if (enabled) world.enabledBars.add(bar);
  else world.enabledBars.remove(bar);
};

/** Of a device that is freed, or whose vPCI is replaced by a new one: nobody meets the BARs that it had, enabled or not. */
export const forgetBars = (world: World, dev: PciDev): void => {
  for (const bar of dev.vpci?.bars ?? []) if (bar.enabled) world.enabledBars.remove(bar);
};

/** Gives a BAR its range set (bar_add_rangeset), in releases that have one for each. */
export const addRangeSet = (world: World, bar: Bar): void => {
  if (world.behaviours.mapRequest === 'range-set-per-bar') bar.ranges = new RangeSet(world.behaviours.rangeSetRemoval);
};
