// SPDX-License-Identifier: GPL-2.0-only
import { PAGE_SIZE_BYTES } from '../../num/frames.ts';
import { alignDown, frameOf, offsetInPage } from '../../num/u64.ts';
import type { RuleId } from '../../semantics/rules.ts';
import { applyRule } from '../../xen/trail.ts';
import type { Area, AreaName, PassedDevice, PassthroughWorld, PhysicalBar, VirtualBar } from './world.ts';

const PAGE = BigInt(PAGE_SIZE_BYTES);

/** Guest frames, both included. */
interface Frames {
  readonly first: number;
  readonly last: number;
}

/** Frames that hold so many bytes from `address` on. */
export const framesOf = (address: bigint, sizeBytes: bigint): Frames => ({
  first: frameOf(address),
  last: frameOf(address + sizeBytes - 1n),
});

const overlap = (a: Frames, b: Frames): boolean => a.first <= b.last && b.first <= a.last;

/** What the toolstack is asked to place. */
export interface PlacementRequest {
  readonly domain: string;
  readonly bars: readonly PhysicalBar[];
  /** The guest's memory, which the toolstack laid out itself. */
  readonly memory: readonly Frames[];
  readonly isOneToOne: boolean;
  /** Whether it is the toolstack who maps, and so has to refuse what cannot be mapped. */
  readonly checksMemory: boolean;
  /** Where 64-bit BARs go. */
  readonly area: AreaName | undefined;
  /** Addresses that are asked for, by BAR. */
  readonly wanted: ReadonlyMap<number, bigint>;
}

/** A BAR that cannot be placed: nothing is done for the device. */
export interface Refusal {
  readonly rule: RuleId;
  readonly bar: number;
}

/** Rules that a place is refused by. */
const obstacle = (request: PlacementRequest, others: readonly Frames[], frames: Frames): RuleId | undefined => {
  if (request.checksMemory && request.memory.some((memory) => overlap(memory, frames)))
    return 'toolstack.collides-with-memory';
  return others.some((other) => overlap(other, frames)) ? 'toolstack.collides-with-bar' : undefined;
};

/** BARs lie at a multiple of their size; smaller ones than a page at the page offset of the physical one. */
const alignmentOf = ({ sizeBytes }: PhysicalBar): bigint => (sizeBytes > PAGE ? sizeBytes : PAGE);

const isAligned = (bar: PhysicalBar, address: bigint): boolean =>
  address % alignmentOf(bar) === BigInt(offsetInPage(bar.physical));

const endOf = ({ address, size }: Area): bigint => address + size;

/** The lowest free place in an area. */
const firstFit = (bar: PhysicalBar, area: Area, obstacles: readonly Frames[]): bigint | undefined => {
  const alignment = alignmentOf(bar);
  const offset = BigInt(offsetInPage(bar.physical));
  const alignUp = (address: bigint): bigint => alignDown(address + alignment - 1n, alignment);
  let page = alignUp(area.address);
  while (page + offset + bar.sizeBytes <= endOf(area)) {
    const frames = framesOf(page + offset, bar.sizeBytes);
    const inTheWay = obstacles.find((other) => overlap(other, frames));
    if (inTheWay === undefined) return page + offset;
    page = alignUp(BigInt(inTheWay.last + 1) * PAGE);
  }
  return undefined;
};

type Placed = { readonly virtual: bigint } | { readonly rule: RuleId };

const placeAsWanted = (
  world: PassthroughWorld,
  request: PlacementRequest,
  bar: PhysicalBar,
  others: readonly Frames[],
  virtual: bigint,
): Placed => {
  const isInside = Object.values(world.areas).some(
    (area) => virtual >= area.address && virtual + bar.sizeBytes <= endOf(area),
  );
  if (!isInside) return { rule: 'toolstack.outside-areas' };
  if (!isAligned(bar, virtual)) return { rule: 'toolstack.misaligned' };
  const rule = obstacle(request, others, framesOf(virtual, bar.sizeBytes));
  return rule === undefined ? { virtual } : { rule };
};

const placeInArea = (
  world: PassthroughWorld,
  { domain, memory, area }: PlacementRequest,
  bar: PhysicalBar,
  others: readonly Frames[],
): Placed => {
  const name = bar.is64 ? area : 'low';
  if (name === undefined) return { rule: 'undefined.draft1-area-to-be-decided' };
  if (!bar.is64) applyRule(world, 'toolstack.below-4-gib', { domain, bar: bar.index });
  const virtual = firstFit(bar, world.areas[name], [...others, ...memory]);
  return virtual === undefined ? { rule: 'toolstack.area-exhausted' } : { virtual };
};

const placeOne = (
  world: PassthroughWorld,
  request: PlacementRequest,
  bar: PhysicalBar,
  others: readonly Frames[],
): Placed => {
  if (request.isOneToOne) {
    const rule = obstacle(request, others, framesOf(bar.physical, bar.sizeBytes));
    return rule === undefined ? { virtual: bar.physical } : { rule };
  }
  const wanted = request.wanted.get(bar.index);
  return wanted === undefined
    ? placeInArea(world, request, bar, others)
    : placeAsWanted(world, request, bar, others, wanted);
};

const framesTaken = ({ passed }: PassthroughWorld, domain: string): Frames[] =>
  passed
    .filter((device) => device.domain === domain)
    .flatMap(({ bars }) => bars)
    .flatMap(({ virtual, sizeBytes }) => (virtual === undefined ? [] : [framesOf(virtual, sizeBytes)]));

/**
 * Finds a place in the guest for each BAR of a device, in their order. As soon as one has none the whole device is
 * refused.
 */
export const placeBars = (world: PassthroughWorld, request: PlacementRequest): readonly VirtualBar[] | Refusal => {
  const others = framesTaken(world, request.domain);
  const placed: VirtualBar[] = [];
  for (const bar of request.bars) {
    const result = placeOne(world, request, bar, others);
    const subject = { domain: request.domain, bar: bar.index };
    if ('rule' in result) {
      applyRule(world, result.rule, subject);
      return { rule: result.rule, bar: bar.index };
    }
    const frames = framesOf(result.virtual, bar.sizeBytes);
    applyRule(world, 'toolstack.placed', { ...subject, gfn: frames.first });
    others.push(frames);
    placed.push({ ...bar, virtual: result.virtual });
  }
  return placed;
};

/** Whether a device has this virtual BAR. */
export const barAt = ({ bars }: PassedDevice, address: bigint): VirtualBar | undefined =>
  bars.find(({ virtual }) => virtual === address);
