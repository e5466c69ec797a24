// SPDX-License-Identifier: GPL-2.0-only

import { setVirtual } from '../../guest/passthrough/pciback.ts';
import { barAt, framesOf, placeBars } from '../../guest/passthrough/place-bars.ts';
import type { PassedDevice, VirtualBar } from '../../guest/passthrough/world.ts';
import { ERRNO } from '../../num/errno.ts';
import { gfn, mfn } from '../../num/frames.ts';
import { hex } from '../../num/u64.ts';
import type { Answer } from '../../state/result.ts';
import { mapMmioOnArm, unmapMmioOnArm } from '../../xen/p2m-arm.ts';
import type { Domain } from '../../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../../xen/trail.ts';
import { memoryOf } from './guest-memory.ts';
import type { DraftWorld } from './world.ts';

/** Region of the host, and of which guest it goes where. */
interface Target {
  readonly domain: Domain;
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly sizeBytes: bigint;
}

const map = ({ world }: DraftWorld, { domain, virtual, physical, sizeBytes }: Target): number => {
  const to = framesOf(virtual, sizeBytes);
  const from = framesOf(physical, sizeBytes);
  const subject = { domain: domain.name, gfn: to.first };
  if (!domain.iomem.contains(from.first, from.last)) {
    applyRule(world, 'draft1.no-iomem-right', subject);
    return -ERRNO.EPERM;
  }
  const isOverMemory = memoryOf(domain).some(({ first, last }) => first <= to.last && last >= to.first);
  if (isOverMemory) applyRule(world, 'draft1.memory-replaced', subject);
  return mapMmioOnArm(domain.p2m, gfn(to.first), to.last - to.first + 1, mfn(from.first));
};

const unmap = (_draft: DraftWorld, { domain, virtual, physical, sizeBytes }: Target): number => {
  const { first, last } = framesOf(virtual, sizeBytes);
  return unmapMmioOnArm(domain.p2m, gfn(first), last - first + 1, mfn(framesOf(physical, sizeBytes).first));
};

interface Candidate {
  readonly device: PassedDevice;
  readonly bar: VirtualBar;
}

/** Devices that the caller may mean: its own, or those of all guests if it is dom0, on whose behalf pciback calls. */
const candidates = ({ passthrough }: DraftWorld, caller: Domain): readonly PassedDevice[] =>
  passthrough.passed.filter(({ domain }) => caller.isHwdom || domain === caller.name);

const domainOf = ({ world }: DraftWorld, { domain }: PassedDevice): Domain | undefined => world.domains.get(domain);

/** The virtual BAR at an address; leaves defined behaviour where the draft does not say which, or what if there is none. */
const findBar = (draft: DraftWorld, caller: Domain, address: bigint): Candidate | undefined => {
  const found = candidates(draft, caller).flatMap((device) => {
    const bar = barAt(device, address);
    return bar === undefined ? [] : [{ device, bar }];
  });
  const rule = found.length === 0 ? 'undefined.draft1-no-such-bar' : 'undefined.draft1-which-domain';
  if (found.length !== 1) leaveDefinedBehaviour(draft.world, rule, { domain: caller.name, name: hex(address) });
  return found[0];
};

/** Proposal: Xen allocates a virtual BAR for the physical one at `address`. */
const place = (draft: DraftWorld, caller: Domain, address: bigint): Answer => {
  const { world, passthrough } = draft;
  const device = candidates(draft, caller).find(({ bars }) => bars.some(({ physical }) => physical === address));
  const bar = device?.bars.find(({ physical }) => physical === address);
  const domain = device === undefined ? undefined : domainOf(draft, device);
  if (bar === undefined || domain === undefined) {
    leaveDefinedBehaviour(world, 'undefined.draft1-no-such-bar', { domain: caller.name, name: hex(address) });
    return {};
  }
  if (bar.virtual !== undefined) return { ret: 0, value: hex(bar.virtual) };
  const placed = placeBars(passthrough, {
    ...{ domain: domain.name, bars: [bar], memory: memoryOf(domain), isOneToOne: false, checksMemory: true },
    ...{ area: undefined, wanted: new Map() },
  });
  if ('rule' in placed) {
    if (placed.rule.startsWith('undefined.')) leaveDefinedBehaviour(world, placed.rule, { domain: domain.name });
    return { refused: placed.rule };
  }
  const virtual = placed[0]?.virtual ?? 0n;
  const ret = map(draft, { domain, virtual, physical: bar.physical, sizeBytes: bar.sizeBytes });
  if (ret !== 0) return { ret };
  applyRule(world, 'draft1.xen-places', { domain: domain.name, bar: bar.index });
  bar.virtual = virtual;
  for (const served of passthrough.served)
    if (served.domain === device?.domain && served.host === device.host) setVirtual(served, bar, virtual);
  return { ret, value: hex(virtual) };
};

/** Whether the region has bytes, all of them addressable. */
const isRegion = (address: bigint, size: bigint): boolean => size > 0n && address + size <= 2n ** 64n;

const perform = (
  draft: DraftWorld,
  caller: Domain,
  region: { readonly address: bigint; readonly size: bigint },
  change: (draft: DraftWorld, target: Target) => number,
): Answer => {
  const { address, size } = region;
  const { guestBars, virtualBars } = draft.arm.behaviours;
  if (virtualBars !== 'in-areas' || guestBars === 'toolstack')
    return { ret: change(draft, { domain: caller, virtual: address, physical: address, sizeBytes: size }) };
  const found = findBar(draft, caller, address);
  const domain = found === undefined ? undefined : domainOf(draft, found.device);
  if (found === undefined || domain === undefined) return {};
  applyRule(draft.world, 'draft1.virtual-bar-mapped', { domain: domain.name, bar: found.bar.index });
  return { ret: change(draft, { domain, virtual: address, physical: found.bar.physical, sizeBytes: size }) };
};

const emptyRegion = ({ world }: DraftWorld, caller: Domain): Answer => {
  leaveDefinedBehaviour(world, 'undefined.draft1-region-empty', { domain: caller.name });
  return {};
};

/**
 * PHYSDEVOP_map_mmio of draft 1: 1:1 as drafted, of a virtual BAR to its physical one in options (2) and (3), or where
 * Xen pleases. 0, -EPERM without iomem right.
 */
export const mapMmio = (draft: DraftWorld, caller: Domain, address: bigint, size: bigint): Answer => {
  if (!isRegion(address, size)) return emptyRegion(draft, caller);
  return draft.arm.behaviours.virtualBars === 'xen-answers'
    ? place(draft, caller, address)
    : perform(draft, caller, { address, size }, map);
};

/** PHYSDEVOP_unmap_mmio of draft 1: what map_mmio of the same region mapped goes. */
export const unmapMmio = (draft: DraftWorld, caller: Domain, address: bigint, size: bigint): Answer =>
  isRegion(address, size) ? perform(draft, caller, { address, size }, unmap) : emptyRegion(draft, caller);
