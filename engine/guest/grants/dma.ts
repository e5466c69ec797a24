// SPDX-License-Identifier: GPL-2.0-only
import { frameOf, hex, offsetInPage } from '../../num/u64.ts';
import type { RuleId } from '../../semantics/rules.ts';
import { applyRule } from '../../xen/trail.ts';
import { u32 } from './device-tree.ts';
import type { Fault } from './fault.ts';
import { allocateReferences, freeReferences } from './free-list.ts';
import { endAccess, grantAccess, referenceAt } from './grant-table.ts';
import type { GrantDmaData, GrantWorld, ScatterEntry } from './world.ts';

/** enum dma_data_direction of Linux, as the device sees it. */
export type Direction = 'bidir' | 'to_device' | 'from_device' | 'none';

/** DMA_MAPPING_ERROR. */
export const MAPPING_ERROR = 2n ** 64n - 1n;

const GRANT_ADDRESS = 2n ** 63n;
const PAGE_SIZE = 4096;

/** What the page allocator gives in one piece: order MAX_PAGE_ORDER. */
const MAX_BUFFER_PAGES = 1024;

/** Pages that hold so many bytes, in 32 bits (XEN_PFN_UP in an unsigned int). */
const pagesFor = (sizeBytes: number): number => u32(Math.ceil(sizeBytes / PAGE_SIZE));

const toDmaAddress = (ref: number, offset: number): bigint =>
  GRANT_ADDRESS + BigInt(ref) * BigInt(PAGE_SIZE) + BigInt(offset);

/** The reference in an address; bit 63 is not looked at and what exceeds 32 bits is lost (dma_to_grant). */
const toReference = (address: bigint): number => u32(frameOf(BigInt.asUintN(63, address)));

export interface MapArguments {
  readonly pfn: number;
  /** Bytes from the start of that frame; may be more than a page. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly dir: Direction;
  /** DMA_ATTR_MMIO is set. */
  readonly isMmio: boolean;
}

const grantPages = (
  world: GrantWorld,
  data: GrantDmaData,
  pages: { readonly firstGfn: number; readonly count: number; readonly readonly: boolean },
  fault: Fault,
): number | undefined => {
  const first = allocateReferences(world.table.free, pages.count, fault);
  if (first === undefined && fault.rule === undefined)
    applyRule(world, 'grants.table-full', { name: `${pages.count} references` });
  if (first === undefined || fault.rule !== undefined) return undefined;
  for (let index = 0; index < pages.count; index += 1)
    grantAccess(world.table, first + index, {
      domid: data.backend,
      gfn: pages.firstGfn + index,
      readonly: pages.readonly,
    });
  return first;
};

/** A reference that is still in use: those before it are ended and lost, and the device does no more DMA. */
const endPages = (world: GrantWorld, data: GrantDmaData, first: number, count: number, fault: Fault): void => {
  for (let index = 0; index < count; index += 1) {
    if (!endAccess(world.table, referenceAt(first, index), fault)) {
      if (fault.rule !== undefined) return;
      data.broken = true;
      applyRule(world, 'grants.reference-held', { name: `reference ${referenceAt(first, index)}` });
      return;
    }
  }
  freeReferences(world.table.free, first, count, fault);
};

/** The rule by which nothing is mapped. */
const refusalOf = (world: GrantWorld, data: GrantDmaData, { isMmio, dir }: MapArguments): RuleId | undefined => {
  if (isMmio && world.behaviours.mmioMapping === 'refused') return 'grants.mmio-refused';
  if (dir === 'none') return 'grants.direction-none';
  return data.broken ? 'grants.device-broken' : undefined;
};

/** Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_map_page and xen_grant_dma_map_phys. */
export const mapPages = (world: GrantWorld, data: GrantDmaData, args: MapArguments, fault: Fault): bigint => {
  const refusal = refusalOf(world, data, args);
  if (refusal !== undefined) {
    applyRule(world, refusal, { name: `frame ${hex(args.pfn)}` });
    return MAPPING_ERROR;
  }
  const offset = args.offset % PAGE_SIZE;
  const pages = {
    firstGfn: args.pfn + Math.floor(args.offset / PAGE_SIZE),
    count: pagesFor(offset + args.sizeBytes),
    readonly: args.dir === 'to_device',
  };
  const ref = grantPages(world, data, pages, fault);
  return ref === undefined ? MAPPING_ERROR : toDmaAddress(ref, offset);
};

/** Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_unmap_page. */
export const unmapPages = (
  world: GrantWorld,
  data: GrantDmaData,
  args: { readonly dma: bigint; readonly sizeBytes: number; readonly dir: Direction },
  fault: Fault,
): void => {
  if (args.dir === 'none' || data.broken) return;
  const count = pagesFor(offsetInPage(args.dma) + args.sizeBytes);
  endPages(world, data, toReference(args.dma), count, fault);
};

/** Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_alloc. The page allocator refuses no size and more than 4 MiB. */
export const allocateCoherent = (
  world: GrantWorld,
  data: GrantDmaData,
  sizeBytes: number,
  fault: Fault,
): { readonly dma: bigint; readonly pfn: number } | undefined => {
  const count = pagesFor(sizeBytes);
  if (data.broken || count === 0 || count > MAX_BUFFER_PAGES) return undefined;
  const pfn = world.nextPfn;
  const ref = grantPages(world, data, { firstGfn: pfn, count, readonly: false }, fault);
  if (ref === undefined) return undefined;
  world.nextPfn += count;
  return { dma: toDmaAddress(ref, 0), pfn };
};

/** Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_free. The offset in the address does not count. */
export const freeCoherent = (
  world: GrantWorld,
  data: GrantDmaData,
  args: { readonly dma: bigint; readonly sizeBytes: number },
  fault: Fault,
): void => {
  if (!data.broken) endPages(world, data, toReference(args.dma), pagesFor(args.sizeBytes), fault);
};

/** Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_unmap_sg. */
export const unmapScatterList = (
  world: GrantWorld,
  data: GrantDmaData,
  entries: readonly ScatterEntry[],
  dir: Direction,
  fault: Fault,
): void => {
  for (const entry of entries) {
    unmapPages(world, data, { dma: entry.dmaAddress, sizeBytes: entry.dmaSizeBytes, dir }, fault);
    if (fault.rule !== undefined) return;
  }
};

/**
 * False: an entry could not be mapped; those before it are unmapped again, and only the first one's length is cleared
 * (Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_map_sg).
 */
export const mapScatterList = (
  world: GrantWorld,
  data: GrantDmaData,
  entries: readonly ScatterEntry[],
  how: { readonly dir: Direction; readonly isMmio: boolean },
  fault: Fault,
): boolean => {
  for (const [index, entry] of entries.entries()) {
    entry.dmaAddress = mapPages(world, data, { ...entry, ...how }, fault);
    if (entry.dmaAddress === MAPPING_ERROR) {
      applyRule(world, 'grants.list-rolled-back', { name: `entry ${index}` });
      if (fault.rule === undefined) unmapScatterList(world, data, entries.slice(0, index), how.dir, fault);
      const [first] = entries;
      if (first !== undefined) first.dmaSizeBytes = 0;
      return false;
    }
    entry.dmaSizeBytes = entry.sizeBytes;
  }
  return true;
};

/** Addresses need their highest bit (Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_supported). */
export const isMaskSupported = (bits: number): boolean => bits === 64;
