// SPDX-License-Identifier: GPL-2.0-only

import { has, without } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import type { Gfn, Mfn } from '../num/frames.ts';
import { frameOf, offsetInPage } from '../num/u64.ts';
import { checkDeviceList } from '../xen/look-up.ts';
import { RangeSet } from '../xen/range-set.ts';
import type { Bar, Domain, PciDev, PendingMap, World } from '../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../xen/trail.ts';
import { isMappable } from './bar.ts';
import { COMMAND_MEMORY, changeDecoding, isBarPlaceAllowed } from './decoding.ts';
import { msixTableAddress, msixTableSizeBytes } from './msix-table.ts';
import { vpciOf } from './registers.ts';
import { tearDownVpci } from './tear-down.ts';

/** A request to map or unmap a device's BARs, or only its ROM. */
interface MapRequest {
  readonly dev: PciDev;
  /** Value that the command register gets when all is done; bit 1 says map or unmap. */
  readonly command: number;
  readonly romOnly: boolean;
}

const crash = (world: World, domain: Domain): void => {
  domain.crashed = true;
  applyRule(world, 'domain.crashed', { domain: domain.name });
};

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
  world.enabledBars.forEachOverlapping(lowest.first, highest.last, (bar) => {
    if (bar.dev.listedOn !== own && (hidden === undefined || bar.dev.listedOn !== hidden)) return;
    if (bar.dev === dev && (!romOnly || (target ?? bar).type === 'rom')) return;
    if (ranges.remove(bar.firstGfn, bar.lastGfn))
      applyRule(world, 'map.shared-with-enabled-bar', { sbdf: bar.dev.sbdf, bar: bar.index, gfn: bar.firstGfn });
  });
};

/** What walking those lists does to Xen when they hold what they should not. */
const checkLists = (world: World, dev: PciDev): void => {
  for (const domain of sharedLists(world, dev)) {
    if (domain === undefined) continue;
    checkDeviceList(world, domain);
    if (world.behaviours.overlapsWithoutVpci === 'skipped') continue;
    const other = domain.devices.find((listed) => listed !== dev && listed.vpci === undefined);
    if (other !== undefined) leaveDefinedBehaviour(world, 'undefined.device-without-vpci', { sbdf: other.sbdf });
  }
};

/** Cuts MSI-X pages and other devices' BARs out of a range set that holds what a request is to (un)map. */
const subtractHoles = (world: World, request: MapRequest, ranges: RangeSet, target: Bar | undefined): void => {
  for (const { first, last } of msixFrames(request.dev))
    if (ranges.remove(first, last)) applyRule(world, 'map.msix-hole', { sbdf: request.dev.sbdf, gfn: first });
  cutOutNeighbours(world, request, ranges, target);
};

/** modify_bars until 4.18: one range set of identity maps for the whole request. */
const collectInOneRangeSet = (world: World, request: MapRequest): RangeSet => {
  const ranges = new RangeSet(world.behaviours.rangeSetRemoval);
  for (const bar of vpciOf(request.dev).bars)
    if (isConcerned(world, request, bar)) ranges.add(bar.firstMfn, bar.lastMfn);
  subtractHoles(world, request, ranges, undefined);
  return ranges;
};

/**
 * modify_bars since 4.19: each BAR's range set gets its guest frames, less those of later BARs of the device, of the
 * memory map, of MSI-X pages and of others' enabled BARs. Answers 0 or a negated errno, with range sets as they are
 * then.
 */
const collectPerBar = (world: World, request: MapRequest): number => {
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
    for (const earlier of bars.slice(0, bar.index))
      if (earlier.ranges?.remove(bar.firstGfn, bar.lastGfn) === true)
        applyRule(world, 'map.shared-within-device', { sbdf: dev.sbdf, bar: earlier.index, gfn: bar.firstGfn });
    for (const { first, last } of world.hw.machine.memoryMap)
      if (bar.ranges.remove(Math.floor(first / 4096), Math.floor(last / 4096)))
        applyRule(world, 'map.memory-map-cut-out', { sbdf: dev.sbdf, bar: bar.index });
  }
  for (const bar of bars)
    if (bar.ranges !== undefined && !bar.ranges.isEmpty()) subtractHoles(world, request, bar.ranges, bar);
  return 0;
};

/** What is to be done with a range set. */
interface Job {
  readonly domain: Domain;
  readonly isMap: boolean;
  /** What a guest frame has to be moved by to get its machine frame. */
  readonly shift: number;
  /** Whether a pending preemption is looked at; if not, all is done in one go, which nothing can tell from many calls. */
  readonly preemptible: boolean;
}

/**
 * Maps or unmaps a set, range by range from the lowest on and call by call (map_range). Answers 0, -ERESTART when
 * preempted, or another negated errno.
 */
const carryOut = (world: World, ranges: RangeSet, job: Job): number => {
  for (let range = ranges.lowest(); range !== undefined; range = ranges.lowest()) {
    const { first } = range;
    const ret = carryOutCall(world, ranges, job);
    if (ret < 0) return ret;
    if (ret > 0 && job.preemptible) {
      applyRule(world, 'map.preempted', { domain: job.domain.name, gfn: first });
      return -ERRNO.ERESTART;
    }
  }
  return 0;
};

/** One call of (un)map_mmio_regions on the lowest range: 0 done, 1 more of the range is left, or a negated errno. */
const carryOutCall = (world: World, ranges: RangeSet, job: Job): number => {
  const range = ranges.lowest();
  if (range === undefined) return 0;
  const { domain, isMap, shift, preemptible } = job;
  const { first, last } = range;
  if (world.behaviours.iomemRightsOnMap === 'asked' && !domain.iomem.contains(first + shift, last + shift)) {
    applyRule(world, 'map.no-iomem-right', { domain: domain.name, gfn: first });
    return -ERRNO.EPERM;
  }
  const count = last - first + 1;
  const start = first as Gfn;
  const mfn = (first + shift) as Mfn;
  const limit = preemptible ? undefined : Number.POSITIVE_INFINITY;
  const { p2m } = domain;
  const result = isMap ? p2m.mapMmio(start, count, mfn, limit) : p2m.unmapMmio(start, count, mfn, limit);
  if (result.conflict !== undefined) {
    applyRule(world, 'p2m.not-replaceable', { domain: domain.name, gfn: first });
    crash(world, domain);
  } else if (result.ret < 0) applyRule(world, 'p2m.nothing-to-unmap', { domain: domain.name, gfn: first });
  if (result.ret < 0) return result.ret;
  ranges.consume(result.ret === 0 ? count : result.ret);
  return result.ret === 0 ? 0 : 1;
};

const shiftOf = (bar: Bar): number => bar.firstMfn - bar.firstGfn;

/** apply_map: at boot a map is carried out at once. Of the per-BAR results only the last one counts. */
const applyAtBoot = (world: World, request: MapRequest, ranges: RangeSet | undefined): number => {
  const { dev, command } = request;
  const domain = dev.domain ?? world.hwdom;
  const toTheEnd = (set: RangeSet, shift: number): number =>
    carryOut(world, set, { domain, isMap: true, shift, preemptible: false });
  let ret = 0;
  if (ranges !== undefined) ret = toTheEnd(ranges, 0);
  else
    for (const bar of vpciOf(dev).bars) {
      if (bar.ranges === undefined || bar.ranges.isEmpty()) continue;
      if (ret !== 0) applyRule(world, 'boot.earlier-bar-failure-forgotten', { sbdf: dev.sbdf, bar: bar.index });
      ret = toTheEnd(bar.ranges, shiftOf(bar));
    }
  if (ret === 0) changeDecoding(world, dev, command, false);
  return ret;
};

/**
 * Asks for a device's BARs, or its ROM alone, to be mapped or unmapped as `command` says
 * (xen/drivers/vpci/header.c: modify_bars). At boot that is done at once, later before the vCPU runs again.
 * Answers 0 or a negated errno.
 */
export const requestMap = (world: World, dev: PciDev, command: number, romOnly: boolean): number => {
  const request: MapRequest = { dev, command, romOnly };
  checkLists(world, dev);
  let ranges: RangeSet | undefined;
  if (world.behaviours.mapRequest === 'one-range-set') ranges = collectInOneRangeSet(world, request);
  else {
    const ret = collectPerBar(world, request);
    if (ret !== 0) return ret;
  }
  if (!world.isActive) return applyAtBoot(world, request, ranges);
  const { domain, vcpu } = world.current;
  domain.vcpus.set(vcpu, { dev, command, romOnly, ranges });
  applyRule(world, 'map.deferred', { sbdf: dev.sbdf });
  return 0;
};

/** A round of deferred work. */
interface Round {
  readonly domain: Domain;
  readonly pending: PendingMap;
  readonly preemptible: boolean;
}

/** One round with one range set: on failure decoding goes off and the device loses its vPCI. */
const resumeOneRangeSet = (world: World, round: Round, ranges: RangeSet): boolean => {
  const { domain, preemptible } = round;
  const { dev, command, romOnly } = round.pending;
  const ret = carryOut(world, ranges, { domain, isMap: has(command, COMMAND_MEMORY), shift: 0, preemptible });
  if (ret === -ERRNO.ERESTART) return true;
  if (dev.freed || dev.vpci === undefined) {
    leaveDefinedBehaviour(world, 'undefined.pending-device-gone', { sbdf: dev.sbdf });
    return false;
  }
  changeDecoding(world, dev, ret === 0 ? command : without(command, COMMAND_MEMORY), ret === 0 && romOnly);
  if (ret !== 0) {
    applyRule(world, 'map.failure-ends-vpci', { sbdf: dev.sbdf });
    tearDownVpci(world, dev);
  }
  return false;
};

/** One round with a range set per BAR: on failure decoding goes off, what is pending is dropped, a guest is crashed. */
const resumePerBar = (world: World, { domain, pending, preemptible }: Round): boolean => {
  const { dev, command, romOnly } = pending;
  if (dev.freed || dev.vpci === undefined || dev.domain !== domain) {
    applyRule(world, 'map.pending-dropped', { sbdf: dev.sbdf });
    return false;
  }
  const { bars } = dev.vpci;
  for (const bar of bars) {
    if (bar.ranges === undefined || bar.ranges.isEmpty()) continue;
    const isMap = has(command, COMMAND_MEMORY);
    const ret = carryOut(world, bar.ranges, { domain, isMap, shift: shiftOf(bar), preemptible });
    if (ret === -ERRNO.ERESTART) return true;
    if (ret === 0) continue;
    applyRule(world, 'map.failure-turns-decoding-off', { sbdf: dev.sbdf, bar: bar.index });
    changeDecoding(world, dev, without(command, COMMAND_MEMORY), false);
    for (const other of bars) other.ranges?.clear();
    if (!domain.isHwdom) crash(world, domain);
    return false;
  }
  changeDecoding(world, dev, command, romOnly);
  return false;
};

/**
 * One round of a vCPU's deferred work (vpci_process_pending). `pending`: there was some; `more`: it is not finished,
 * the vCPU must not run yet. `preemptible` false: it is done to the end.
 */
export const resumeVcpu = (
  world: World,
  domain: Domain,
  vcpu: number,
  preemptible = world.options.preempt,
): { readonly pending: boolean; readonly more: boolean } => {
  const pending = domain.vcpus.get(vcpu);
  if (pending === undefined) return { pending: false, more: false };
  const round: Round = { domain, pending, preemptible };
  const more =
    pending.ranges === undefined ? resumePerBar(world, round) : resumeOneRangeSet(world, round, pending.ranges);
  if (!more) domain.vcpus.delete(vcpu);
  return { pending: true, more };
};
