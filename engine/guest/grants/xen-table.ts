// SPDX-License-Identifier: GPL-2.0-only
import type { Mfn } from '../../num/frames.ts';
import { grantFrame } from '../../xen/heap-frames.ts';
import type { Trail } from '../../xen/state.ts';
import { applyRule } from '../../xen/trail.ts';
import { ENTRIES_PER_FRAME } from './constants.ts';
import { u32 } from './device-tree.ts';

/** A domain's grant table as Xen keeps it (xen/common/grant_table.c, struct grant_table), without its entries. */
export interface XenTable {
  readonly domid: number;
  readonly maxFrames: number;
  /** nr_grant_frames; they are never taken back. */
  frames: number;
  /** Frames that the domain's kernel has mapped at a place that the machine file does not say. */
  readonly elsewhere: Set<number>;
}

/** What decides besides the table. */
export interface Surroundings {
  readonly trail: Trail | undefined;
  readonly isArm: boolean;
}

export const makeXenTable = (domid: number, maxFrames: number): XenTable => ({
  domid,
  maxFrames,
  frames: 1,
  elsewhere: new Set(),
});

/** References that the table has room for (nr_grant_entries). */
export const entriesOf = ({ frames }: XenTable): number => frames * ENTRIES_PER_FRAME;

/** Frames up to `frames`, which the caller has compared with the limit (gnttab_grow_table). */
export const growTable = (world: Pick<Surroundings, 'trail'>, table: XenTable, frames: number): void => {
  if (frames <= table.frames) return;
  applyRule(world, 'grant-table.grown', { domain: `d${table.domid}`, name: `${frames} frames` });
  table.frames = frames;
};

/** A frame of a table, for entries or for status entries. */
export interface TableFrame {
  readonly mfn: Mfn;
  /** Number of the frame, if it is one for entries. */
  readonly shared: number | undefined;
}

/** The frame that an index of the physmap stands for, the table grown to have it; undefined: -EINVAL (gnttab_map_frame_begin). */
export const frameAtIndex = (world: Surroundings, table: XenTable, idx: number): TableFrame | undefined => {
  const index = u32(idx);
  if (index >= table.maxFrames) {
    applyRule(world, 'grant-table.no-frame', { domain: `d${table.domid}`, name: `frame ${index}` });
    return undefined;
  }
  growTable(world, table, index + 1);
  return { mfn: grantFrame(table.domid, index), shared: index };
};
