// SPDX-License-Identifier: GPL-2.0-only
import { has } from '../../num/bits.ts';
import { ENTRIES_PER_FRAME, GTF } from './constants.ts';
import { u32 } from './device-tree.ts';
import type { Fault } from './fault.ts';
import { type FreeList, makeFreeList, sizeOf } from './free-list.ts';

/** Memory that guest and Xen share, in units of a version 1 entry; what an ended grant leaves there stays. */
export interface SharedEntries {
  readonly flags: Uint16Array;
  readonly domid: Uint16Array;
  /** Frame numbers, cut to 32 bits. */
  readonly gfn: Uint32Array;
}

/** The guest's grant table and what it knows of it. */
export interface GrantTable {
  readonly shared: SharedEntries;
  readonly free: FreeList;
}

export const makeGrantTable = (maxFrames: number, mapFrames: FreeList['mapFrames']): GrantTable => {
  const entries = maxFrames * ENTRIES_PER_FRAME;
  return {
    shared: { flags: new Uint16Array(entries), domid: new Uint16Array(entries), gfn: new Uint32Array(entries) },
    free: makeFreeList(maxFrames, mapFrames),
  };
};

/** References that the guest's kernel has room for, used or not; Xen may know more. */
export const entryCount = (table: GrantTable): number => sizeOf(table.free);

/** Linux drivers/xen/grant-table.c, gnttab_grant_foreign_access_ref and gnttab_update_entry_v1. */
export const grantAccess = (
  { shared }: GrantTable,
  ref: number,
  grant: { readonly domid: number; readonly gfn: number; readonly readonly: boolean },
): void => {
  shared.domid[ref] = grant.domid;
  shared.gfn[ref] = grant.gfn % 2 ** 32;
  shared.flags[ref] = GTF.permitAccess + (grant.readonly ? GTF.readonly : 0);
};

/** False: the backend still has it mapped (Linux drivers/xen/grant-table.c, gnttab_end_foreign_access_ref_v1). */
export const endAccess = (table: GrantTable, ref: number, fault: Fault): boolean => {
  if (ref >= entryCount(table)) {
    fault.rule ??= 'undefined.grant-reference-out-of-bounds';
    return false;
  }
  if (has(table.shared.flags[ref] ?? 0, GTF.reading + GTF.writing)) return false;
  table.shared.flags[ref] = 0;
  return true;
};

/** The reference `offset` after `ref`, as 32-bit arithmetic has it. */
export const referenceAt = (ref: number, offset: number): number => u32(ref + offset);
