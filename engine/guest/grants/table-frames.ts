// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import { type Gfn, gfn } from '../../num/frames.ts';
import { hex } from '../../num/u64.ts';
import { grantFrame } from '../../xen/heap-frames.ts';
import type { P2m } from '../../xen/p2m.ts';
import { putHeapPage } from '../../xen/physmap.ts';
import { applyRule } from '../../xen/trail.ts';
import { frameAtIndex, growTable, type Surroundings, type XenTable } from './xen-table.ts';

/** A domain's table and where its frames can be. */
export interface MappedTable {
  readonly table: XenTable;
  readonly p2m: P2m;
}

const nameOf = ({ domid }: XenTable): string => `d${domid}`;

/** XENMEM_add_to_physmap of a domain's grant table: frame `idx`, to which the table grows if need be. */
export const putTableFrame = (world: Surroundings, { table, p2m }: MappedTable, idx: number, at: Gfn): number => {
  const frame = frameAtIndex(world, table, idx);
  if (frame === undefined) return -ERRNO.EINVAL;
  const { mfn, shared } = frame;
  const isElsewhere = shared !== undefined && table.elsewhere.has(shared);
  const ret = putHeapPage(world, { name: nameOf(table), p2m }, { gpfn: at, mfn, isElsewhere });
  if (ret === 0 && shared !== undefined) table.elsewhere.delete(shared);
  return ret;
};

/** The same at a place that the machine file does not say. */
const putSomewhere = (world: Surroundings, { table, p2m }: MappedTable, index: number): number => {
  growTable(world, table, index + 1);
  const before = p2m.frameOf(grantFrame(table.domid, index));
  const isMapped = table.elsewhere.has(index) || before !== undefined;
  if (isMapped && world.isArm) {
    applyRule(world, 'physmap.page-mapped-already', { domain: nameOf(table), name: `frame ${index}` });
    return -ERRNO.EBUSY;
  }
  if (before !== undefined) {
    applyRule(world, 'physmap.page-moved', { domain: nameOf(table), gfn: before });
    p2m.clear(before, 1);
  }
  table.elsewhere.add(index);
  return 0;
};

/** Where the guest's kernel puts its table: from a guest frame on, somewhere, or, as PV, nowhere. */
export type TablePlace = number | 'somewhere' | 'no-p2m';

/**
 * The guest's kernel maps frames of its table from the last to the first, so that the table grows once; false: Xen
 * refuses one, and those after it stay mapped (Linux drivers/xen/grant-table.c, gnttab_map).
 */
export const mapForKernel = (
  world: Surroundings,
  mapped: MappedTable,
  place: TablePlace,
  { first, last }: { readonly first: number; readonly last: number },
): boolean => {
  if (place === 'no-p2m') {
    growTable(world, mapped.table, last + 1);
    return true;
  }
  for (let index = last; index >= first; index -= 1) {
    const ret =
      place === 'somewhere'
        ? putSomewhere(world, mapped, index)
        : putTableFrame(world, mapped, index, gfn(place + index));
    if (ret === 0) continue;
    applyRule(world, 'grants.frame-not-mapped', { domain: nameOf(mapped.table), name: `frame ${index}` });
    return false;
  }
  return true;
};

/** Guest frames of the table's first `count` frames, as far as they are known. */
const placesOf = ({ table, p2m }: MappedTable, count: number): (number | undefined)[] => {
  const places: (number | undefined)[] = new Array(count).fill(undefined);
  const start = grantFrame(table.domid, 0);
  for (const { first, last, mfn, type } of p2m.list()) {
    if (type !== 'ram_rw' && type !== 'ram_ro') continue;
    const from = Math.max(mfn, start);
    const to = Math.min(mfn + (last - first), start + count - 1);
    for (let frame = from; frame <= to; frame += 1) places[frame - start] ??= first + (frame - mfn);
  }
  return places;
};

/** What setup_table lists, with consecutive frames put together: `0x38000-0x38001`, `nowhere*2`, `somewhere`. */
export const listFrames = (mapped: MappedTable, place: TablePlace, count: number): readonly string[] => {
  const { table } = mapped;
  const places = place === 'no-p2m' ? undefined : placesOf(mapped, count);
  const runs: { first: number | 'nowhere' | 'somewhere'; n: number }[] = [];
  for (let index = 0; index < count; index += 1) {
    const found = places === undefined ? grantFrame(table.domid, index) : places[index];
    const at = found ?? (table.elsewhere.has(index) ? 'somewhere' : 'nowhere');
    const last = runs.at(-1);
    const next = typeof last?.first === 'number' ? last.first + last.n : last?.first;
    if (last !== undefined && next === at) last.n += 1;
    else runs.push({ first: at, n: 1 });
  }
  return runs.map(({ first, n }) => {
    if (typeof first !== 'number') return n === 1 ? first : `${first}*${n}`;
    return n === 1 ? hex(first) : `${hex(first)}-${hex(first + n - 1)}`;
  });
};
