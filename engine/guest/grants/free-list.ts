// SPDX-License-Identifier: GPL-2.0-only
import { ENTRIES_PER_FRAME, RESERVED_ENTRIES } from './constants.ts';
import { u32 } from './device-tree.ts';
import type { Fault } from './fault.ts';

/**
 * The guest's free grant references (Linux drivers/xen/grant-table.c): a list linked through an array by reference, a
 * bitmap for runs, and a pointer to the link that leads to the run at the table's end. The pointer may lag behind, and
 * what is allocated when depends on that, so the links are kept as Linux has them rather than as a set.
 */
export interface FreeList {
  /** gnttab_list: the reference after each one. */
  readonly next: Uint32Array;
  /** gnttab_free_bitmap. */
  readonly isFree: Uint8Array;
  readonly maxFrames: number;
  /** Has Xen map frames of the table from one number to another; false: it does not (gnttab_map). */
  readonly mapFrames: MapFrames;
  frames: number;
  /** gnttab_free_head. */
  head: number;
  /** gnttab_last_free: end of the list. */
  last: number;
  /** gnttab_free_tail_ptr: a reference's link, the head, or nothing. */
  tail: number | 'head' | 'null';
  /** gnttab_free_count. */
  count: number;
}

type MapFrames = (first: number, last: number) => boolean;

/** GNTTAB_LIST_END. */
const LIST_END = 0xffffffff;

export const sizeOf = (list: FreeList): number => list.frames * ENTRIES_PER_FRAME;

const linkAfter = (list: FreeList, ref: number, fault: Fault): number => {
  if (ref < RESERVED_ENTRIES || ref >= sizeOf(list)) {
    fault.rule ??= 'undefined.grant-free-list-out-of-bounds';
    return LIST_END;
  }
  return list.next[ref] ?? LIST_END;
};

const setLink = (list: FreeList, at: number | 'head' | 'null', ref: number, fault: Fault): void => {
  if (at === 'head') list.head = ref;
  else if (at === 'null') fault.rule ??= 'undefined.grant-free-list-null-tail';
  else if (at < RESERVED_ENTRIES || at >= sizeOf(list)) fault.rule ??= 'undefined.grant-free-list-out-of-bounds';
  else list.next[at] = ref;
};

const readLink = (list: FreeList, at: number | 'head' | 'null', fault: Fault): number => {
  if (at === 'head') return list.head;
  if (at !== 'null') return linkAfter(list, at, fault);
  fault.rule ??= 'undefined.grant-free-list-null-tail';
  return LIST_END;
};

const clearBits = (list: FreeList, first: number, count: number): void => {
  list.isFree.fill(0, first, first + count);
};

/** New references at the list's end (gnttab_set_free). */
const setFree = (list: FreeList, start: number, count: number, fault: Fault): void => {
  const last = start + count - 1;
  for (let ref = start; ref < last; ref += 1) list.next[ref] = ref + 1;
  list.next[last] = LIST_END;
  if (list.count === 0) {
    list.head = start;
    list.tail = 'head';
  } else setLink(list, list.last, start, fault);
  list.count += count;
  list.last = last;
  list.isFree.fill(1, start, start + count);
};

/** A list with the one frame that a table starts with. */
export const makeFreeList = (maxFrames: number, mapFrames: MapFrames = () => true): FreeList => {
  const list: FreeList = {
    next: new Uint32Array(maxFrames * ENTRIES_PER_FRAME),
    isFree: new Uint8Array(maxFrames * ENTRIES_PER_FRAME),
    maxFrames,
    mapFrames,
    frames: 1,
    head: LIST_END,
    last: LIST_END,
    tail: 'null',
    count: 0,
  };
  setFree(list, RESERVED_ENTRIES, ENTRIES_PER_FRAME - RESERVED_ENTRIES, { rule: undefined });
  return list;
};

/** Frames for `wanted` more references; false if the limit does not allow them or Xen does not map them (gnttab_expand). */
const expand = (list: FreeList, wanted: number, fault: Fault): boolean => {
  const extra = Math.floor(u32(wanted + ENTRIES_PER_FRAME - 1) / ENTRIES_PER_FRAME);
  if (list.frames + extra > list.maxFrames) return false;
  if (!list.mapFrames(list.frames, list.frames + extra - 1)) return false;
  const oldSize = sizeOf(list);
  list.frames += extra;
  setFree(list, oldSize, extra * ENTRIES_PER_FRAME, fault);
  // One link too far: the run then seems to start at the second new reference.
  if (list.tail === 'null') list.tail = oldSize;
  return true;
};

/** One reference, the list's head; undefined: none left (get_free_entries). */
const allocateOne = (list: FreeList, fault: Fault): number | undefined => {
  if (list.count < 1 && !expand(list, 1, fault)) return undefined;
  const ref = list.head;
  list.count -= 1;
  if (ref < sizeOf(list)) list.isFree[ref] = 0;
  if (list.tail === ref) list.tail = 'head';
  list.head = linkAfter(list, ref, fault);
  setLink(list, ref, LIST_END, fault);
  if (list.count === 0) {
    list.last = LIST_END;
    list.tail = 'null';
  }
  return ref;
};

/** Estimated length of the run at the table's end, as unsigned (get_seq_entry_count). */
const tailLength = (list: FreeList, fault: Fault): number => {
  if (list.last === LIST_END || list.tail === 'null') return 0;
  const start = readLink(list, list.tail, fault);
  return start === LIST_END ? 0 : u32(list.last - start + 1);
};

const findBit = (list: FreeList, from: number, value: 0 | 1): number => {
  const size = sizeOf(list);
  const at = from >= size ? -1 : list.isFree.indexOf(value, from);
  return at < 0 || at > size ? size : at;
};

/** Sorts the list and takes the lowest run that is long enough (get_free_seq). */
const allocateLowestRun = (list: FreeList, count: number, fault: Fault): number | undefined => {
  const size = sizeOf(list);
  let found: number | undefined;
  let link: number | 'head' = 'head';
  list.tail = 'head';
  for (let from = findBit(list, 0, 1); from < size; ) {
    const to = findBit(list, from + 1, 0);
    if (found === undefined && to - from >= count) {
      found = from;
      clearBits(list, from, count);
      from += count;
      list.count -= count;
    }
    const isUsedUp = from === to;
    for (; from < to; from += 1) {
      setLink(list, link, from, fault);
      link = from;
      list.last = from;
    }
    if (!isUsedUp && to < size) list.tail = to - 1;
    from = findBit(list, to + 1, 1);
  }
  setLink(list, link, LIST_END, fault);
  if (list.last !== size - 1) list.tail = 'null';
  return found;
};

/** Consecutive references (get_free_entries_seq). */
const allocateRun = (list: FreeList, count: number, fault: Fault): number | undefined => {
  if (list.count < count && !expand(list, count - list.count, fault)) return undefined;
  if (tailLength(list, fault) < count) {
    const found = allocateLowestRun(list, count, fault);
    if (found !== undefined) return found;
    if (!expand(list, u32(count - tailLength(list, fault)), fault)) return undefined;
  }
  const first = readLink(list, list.tail, fault);
  setLink(list, list.tail, linkAfter(list, u32(first + count - 1), fault), fault);
  list.count -= count;
  if (list.count === 0) list.tail = 'null';
  clearBits(list, first, count);
  return first;
};

/**
 * `count` consecutive references; undefined: the table is full (gnttab_alloc_grant_reference_seq). A count of 0 takes
 * nothing but moves links, and may fault.
 */
export const allocateReferences = (list: FreeList, count: number, fault: Fault): number | undefined =>
  count === 1 ? allocateOne(list, fault) : allocateRun(list, count, fault);

const putFree = (list: FreeList, ref: number, fault: Fault): void => {
  if (ref < RESERVED_ENTRIES) return;
  setLink(list, ref, list.head, fault);
  list.head = ref;
  if (list.count === 0) list.last = ref;
  if (list.tail === 'head') list.tail = ref;
  list.count += 1;
  list.isFree[ref] = 1;
};

/** Puts references back, the last one first, so that they come out ascending (gnttab_free_grant_reference_seq). */
export const freeReferences = (list: FreeList, first: number, count: number, fault: Fault): void => {
  for (let index = count - 1; index >= 0; index -= 1) putFree(list, u32(first + index), fault);
};
