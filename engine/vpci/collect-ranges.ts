// SPDX-License-Identifier: GPL-2.0-only
import { COMMAND_MEMORY } from '../machine/header-registers.ts';
import { has } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import { PAGE_SIZE_BYTES } from '../num/frames.ts';
import { frameOf, offsetInPage } from '../num/u64.ts';
import { checkDeviceList } from '../xen/look-up.ts';
import { type FrameRange, RangeSet } from '../xen/range-set.ts';
import type { Bar, Domain, MapPart, PciDev, RuleSubject, World } from '../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../xen/trail.ts';
import { isMappable } from './bar.ts';
import { isBarPlaceAllowed } from './decoding.ts';
import { msixTableAddress, msixTableSizeBytes } from './msix-table.ts';
import { vpciOf } from './registers.ts';

/** A request to map or unmap a device's BARs, or only its ROM. */
export interface MapRequest {
  readonly dev: PciDev;
  /** Value that the command register gets when all is done; bit 1 says map or unmap. */
  readonly command: number;
  readonly romOnly: boolean;
}

/** Whether a BAR takes part in a request: of the right kind, not yet in the requested state, at an allowed place. */
const isConcerned = (world: World, request: MapRequest, bar: Bar): boolean => {
  const { dev, command, romOnly } = request;
  if (!isMappable(bar.type)) return false;
  if (romOnly ? bar.type !== 'rom' : bar.type === 'rom' && !vpciOf(dev).romEnabled) return false;
  if (bar.enabled === has(command, COMMAND_MEMORY)) {
    applyRule(world, 'map.already-so', { sbdf: dev.sbdf, bar: bar.index });
    return false;
  }
  if (!isBarPlaceAllowed(world, bar)) {
    applyRule(world, 'map.bar-over-memory-map', { sbdf: dev.sbdf, bar: bar.index });
    return false;
  }
  if (bar.firstMfn > bar.lastMfn || bar.firstGfn > bar.lastGfn) {
    leaveDefinedBehaviour(world, 'undefined.bar-wraps', { sbdf: dev.sbdf, bar: bar.index });
    return false;
  }
  return true;
};

/** Frames of vector table and PBA in the guest's address space: never mapped. */
const msixFrames = (dev: PciDev): readonly { readonly first: number; readonly last: number }[] => {
  const msix = dev.vpci?.msix;
  if (msix === undefined) return [];
  return ([0, 1] as const).map((table) => {
    const address = msixTableAddress(msix, table);
    return { first: frameOf(address), last: frameOf(address + BigInt(msixTableSizeBytes(msix, table) - 1)) };
  });
};

/** The domains on whose lists a device's neighbours in the address space are looked for. */
const sharedLists = (world: World, dev: PciDev): readonly [own: Domain | undefined, hidden: Domain | undefined] => {
  const { hiddenDeviceOverlaps } = world.behaviours;
  const own = dev.domain === world.domXen && hiddenDeviceOverlaps === 'own-and-hidden' ? world.hwdom : dev.domain;
  return [own, own === world.hwdom && hiddenDeviceOverlaps !== 'own-only' ? world.domXen : undefined];
};

/** BARs as modify_bars meets them: list after list, each with the device first that came last, and by their number. */
const inListOrder = (bars: ReadonlySet<Bar>, lists: readonly (Domain | undefined)[]): readonly Bar[] => {
  if (bars.size < 2) return [...bars];
  const devices = new Set([...bars].map(({ dev }) => dev));
  return lists
    .flatMap((domain) => domain?.devices.filter((dev) => devices.has(dev)) ?? [])
    .flatMap((dev) => dev.vpci?.bars.filter((bar) => bars.has(bar)) ?? []);
};

/**
 * Takes the frames of other enabled BARs in the same address space out of what a request is to (un)map. When only the
 * ROM is toggled the device's own BARs count too: with one range set all but the ROM, with a range set per BAR those
 * overlapping a BAR that is not the ROM, which is none (so that unmapping the ROM takes shared pages with it).
 */
const cutOutNeighbours = (world: World, request: MapRequest, ranges: RangeSet, target: Bar | undefined): void => {
  const lowest = ranges.lowest();
  const highest = ranges.list().at(-1);
  if (lowest === undefined || highest === undefined) return;
  const { dev, romOnly } = request;
  const [own, hidden] = sharedLists(world, dev);
  const neighbours = new Set<Bar>();
  world.enabledBars.forEachOverlapping(lowest.first, highest.last, (bar) => {
    if (bar.dev.listedOn !== own && (hidden === undefined || bar.dev.listedOn !== hidden)) return;
    if (bar.dev !== dev || (romOnly && (target ?? bar).type !== 'rom')) neighbours.add(bar);
  });
  // The order tells where taking one out makes what is left grow over the place of another.
  for (const bar of inListOrder(neighbours, [own, hidden]))
    if (ranges.remove(bar.firstGfn, bar.lastGfn)) applyRule(world, 'map.shared-with-enabled-bar', aboutBar(bar, bar));
};

/** What walking those lists does to Xen when they hold what they should not. */
export const checkLists = (world: World, dev: PciDev): void => {
  for (const domain of sharedLists(world, dev)) {
    if (domain === undefined) continue;
    checkDeviceList(world, domain);
    if (world.behaviours.overlapsWithoutVpci === 'skipped') continue;
    const other = domain.devices.find((listed) => listed !== dev && listed.vpci === undefined);
    if (other !== undefined) leaveDefinedBehaviour(world, 'undefined.device-without-vpci', { sbdf: other.sbdf });
  }
};

/** A rule about the part of a BAR that has these guest frames. */
const aboutBar = (bar: Bar, frames: Pick<Bar, 'firstGfn' | 'lastGfn'>): RuleSubject => ({
  ...{ sbdf: bar.dev.sbdf, bar: bar.index },
  ...{ gfn: Math.max(bar.firstGfn, frames.firstGfn), lastGfn: Math.min(bar.lastGfn, frames.lastGfn) },
});

/**
 * rangeset_remove_range of a table that wraps at 2^64: the walk goes on past the end of the list, unless no range begins
 * below the table, or the last one that does begins below where the table ends too, and is over before it begins.
 */
const checkWrapped = (world: World, { sbdf }: PciDev, ranges: RangeSet, { first, last }: FrameRange): void => {
  const list = ranges.list();
  const before = list.findLast((range) => range.first <= first);
  if (before === undefined || (before.first <= last && before.last < first)) return;
  leaveDefinedBehaviour(world, 'undefined.msix-table-wraps', { sbdf, gfn: first });
};

/** Cuts MSI-X pages and other devices' BARs out of a range set that holds what a request is to (un)map. */
const subtractHoles = (world: World, request: MapRequest, ranges: RangeSet, target: Bar | undefined): void => {
  for (const { first, last } of msixFrames(request.dev))
    if (last < first) checkWrapped(world, request.dev, ranges, { first, last });
    else if (ranges.remove(first, last))
      applyRule(world, 'map.msix-hole', { sbdf: request.dev.sbdf, gfn: first, lastGfn: last });
  cutOutNeighbours(world, request, ranges, target);
};

/** modify_bars until 4.18: one range set of identity maps for the whole request. */
export const collectInOneRangeSet = (world: World, request: MapRequest): MapPart => {
  const ranges = new RangeSet(world.behaviours.rangeSetRemoval);
  for (const bar of vpciOf(request.dev).bars)
    if (isConcerned(world, request, bar)) ranges.add(bar.firstMfn, bar.lastMfn);
  subtractHoles(world, request, ranges, undefined);
  return { ranges, shift: 0 };
};

/**
 * Proposed in p2m-rangesets-per-bar.txt, without code: entries of guest frame, machine frame and size for each BAR,
 * broken at MSI-X pages and others' enabled BARs. BARs of the device that share a page each have an entry for it.
 */
export const collectInList = (world: World, request: MapRequest): readonly MapPart[] =>
  vpciOf(request.dev)
    .bars.filter((bar) => isConcerned(world, request, bar))
    .map((bar) => {
      const ranges = new RangeSet(world.behaviours.rangeSetRemoval);
      ranges.add(bar.firstGfn, bar.lastGfn);
      subtractHoles(world, request, ranges, undefined);
      return { ranges, shift: bar.firstMfn - bar.firstGfn };
    });

/** Of what is left over from a request that was not carried out too. */
const cutOutMemoryMap = (world: World, bar: Bar, ranges: RangeSet): void => {
  for (const { first, last } of world.hw.machine.memoryMap) {
    const frames = { firstGfn: Math.floor(first / PAGE_SIZE_BYTES), lastGfn: Math.floor(last / PAGE_SIZE_BYTES) };
    if (ranges.remove(frames.firstGfn, frames.lastGfn))
      applyRule(world, 'map.memory-map-cut-out', aboutBar(bar, frames));
  }
};

/**
 * modify_bars since 4.19: each BAR's range set gets its guest frames, less those of later BARs of the device, of the
 * memory map, of MSI-X pages and of others' enabled BARs. Answers 0 or a negated errno, with range sets as they are
 * then.
 */
export const collectPerBar = (world: World, request: MapRequest): number => {
  const { dev } = request;
  const { bars } = vpciOf(dev);
  for (const bar of bars) {
    if (bar.ranges === undefined || !isConcerned(world, request, bar)) continue;
    if (
      world.behaviours.barPlacement === 'guest-address' &&
      offsetInPage(bar.guestAddress) !== offsetInPage(bar.address)
    ) {
      applyRule(world, 'map.page-offset-mismatch', { sbdf: dev.sbdf, bar: bar.index });
      return -ERRNO.EINVAL;
    }
    bar.ranges.add(bar.firstGfn, bar.lastGfn);
    for (const earlier of bars)
      if (earlier.index < bar.index && earlier.ranges?.remove(bar.firstGfn, bar.lastGfn) === true)
        applyRule(world, 'map.shared-within-device', aboutBar(earlier, bar));
    if (world.behaviours.barOverMemoryMap === 'pages-cut-out') cutOutMemoryMap(world, bar, bar.ranges);
  }
  for (const bar of bars)
    if (bar.ranges !== undefined && !bar.ranges.isEmpty()) subtractHoles(world, request, bar.ranges, bar);
  return 0;
};
