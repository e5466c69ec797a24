// SPDX-License-Identifier: GPL-2.0-only
import { has, without } from '../../num/bits.ts';
import type { Mfn } from '../../num/frames.ts';
import type { RuleId } from '../../semantics/rules.ts';
import { grantFrame, grantStatusFrame } from '../../xen/heap-frames.ts';
import type { Trail } from '../../xen/state.ts';
import { applyRule } from '../../xen/trail.ts';
import { ENTRIES_PER_FRAME, ENTRIES_PER_FRAME_V2, ENTRIES_PER_STATUS_FRAME } from './constants.ts';
import { u32 } from './device-tree.ts';

/** A domain's grant table as Xen keeps it (xen/common/grant_table.c, struct grant_table), without its entries. */
export interface XenTable {
  readonly domid: number;
  readonly maxFrames: number;
  /** The newest version that the domain may choose. */
  readonly maxVersion: 1 | 2;
  version: 1 | 2;
  /** nr_grant_frames; they are never taken back. */
  frames: number;
  /** nr_status_frames: 0 in version 1. */
  statusFrames: number;
  /** Status of version 2 entries, of the table whose entries are modelled. */
  status: Uint16Array;
  /** Frames that the domain's kernel has mapped at a place that the machine file does not say. */
  readonly elsewhere: Set<number>;
}

/** What decides besides the table. */
export interface Surroundings {
  readonly trail: Trail | undefined;
  readonly isArm: boolean;
}

/** xen/include/public/memory.h, XENMAPIDX_grant_table_status. */
const STATUS_INDEX = 0x80000000;

export const makeXenTable = (domid: number, maxFrames: number, maxVersion: 1 | 2): XenTable => ({
  domid,
  maxFrames,
  maxVersion,
  version: 1,
  frames: 1,
  statusFrames: 0,
  status: new Uint16Array(0),
  elsewhere: new Set(),
});

/** References that the table has room for (nr_grant_entries). */
export const entriesOf = ({ frames, version }: XenTable): number =>
  frames * (version === 1 ? ENTRIES_PER_FRAME : ENTRIES_PER_FRAME_V2);

/** grant_to_status_frames. */
export const statusFramesFor = (frames: number): number =>
  Math.ceil((frames * ENTRIES_PER_FRAME_V2) / ENTRIES_PER_STATUS_FRAME);

/** Frames up to `frames`, which the caller has compared with the limit (gnttab_grow_table). */
export const growTable = (world: Pick<Surroundings, 'trail'>, table: XenTable, frames: number): void => {
  if (frames <= table.frames) return;
  applyRule(world, 'grant-table.grown', { domain: `d${table.domid}`, name: `${frames} frames` });
  table.frames = frames;
  if (table.version === 2) table.statusFrames = statusFramesFor(frames);
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
  const refuse = (rule: RuleId): undefined => {
    applyRule(world, rule, { domain: `d${table.domid}`, name: `frame ${index}` });
  };
  if (table.version === 2 && has(index, STATUS_INDEX)) {
    const number = without(index, STATUS_INDEX);
    const frames = ((number + 1) * ENTRIES_PER_STATUS_FRAME) / ENTRIES_PER_FRAME_V2;
    if (number >= table.statusFrames && frames > table.maxFrames) return refuse('grant-table.no-status-frame');
    if (number >= table.statusFrames) growTable(world, table, frames);
    return { mfn: grantStatusFrame(table.domid, number), shared: undefined };
  }
  if (index >= table.maxFrames) return refuse('grant-table.no-frame');
  growTable(world, table, index + 1);
  return { mfn: grantFrame(table.domid, index), shared: index };
};
