// SPDX-License-Identifier: GPL-2.0-only
import { ENTRIES_PER_FRAME, RESERVED_ENTRIES } from './constants.ts';
import type { SharedEntries } from './grant-table.ts';
import { statusFramesFor, type XenTable } from './xen-table.ts';

/**
 * Entries as Xen reads them in the version that is in force. A version 2 entry takes the room of two of version 1: flags
 * and domain are those of the first, the frame is all of the second.
 */
export interface Entry {
  readonly flags: number;
  readonly domid: number;
  /** 64 bits in version 2, not exact above 2^53. */
  readonly gfn: number;
}

/** What Xen reads of a table: its memory, and how. */
export interface ReadTable {
  readonly shared: SharedEntries;
  readonly xen: XenTable;
}

export const readEntry = ({ shared, xen }: ReadTable, ref: number): Entry => {
  const { flags, domid, gfn } = shared;
  if (xen.version === 1) return { flags: flags[ref] ?? 0, domid: domid[ref] ?? 0, gfn: gfn[ref] ?? 0 };
  const first = 2 * ref;
  const frame = (flags[first + 1] ?? 0) + (domid[first + 1] ?? 0) * 2 ** 16 + (gfn[first + 1] ?? 0) * 2 ** 32;
  return { flags: flags[first] ?? 0, domid: domid[first] ?? 0, gfn: frame };
};

/** Where Xen marks that a reference is in use: in the entry, or in version 2 beside it. */
const statusWords = ({ shared, xen }: ReadTable): Uint16Array => (xen.version === 1 ? shared.flags : xen.status);

export const readStatus = (table: ReadTable, ref: number): number => statusWords(table)[ref] ?? 0;

export const writeStatus = (table: ReadTable, ref: number, value: number): void => {
  statusWords(table)[ref] = value;
};

/** The entries that tools use, which outlive a change of version. */
export const reservedEntries = (table: ReadTable): readonly Entry[] =>
  Array.from({ length: RESERVED_ENTRIES }, (_, ref) => readEntry(table, ref));

const writeEntry = ({ shared, xen }: ReadTable, ref: number, { flags, domid, gfn }: Entry): void => {
  const at = xen.version === 1 ? ref : 2 * ref;
  shared.flags[at] = flags;
  shared.domid[at] = domid;
  if (xen.version === 1) shared.gfn[at] = gfn;
  else {
    shared.flags[at + 1] = gfn % 2 ** 16;
    shared.domid[at + 1] = Math.floor(gfn / 2 ** 16);
  }
};

/** Empties a table and gives it another version. `reserved` and their `status` stay. */
export const startVersion = (
  table: ReadTable,
  version: 1 | 2,
  reserved: readonly { readonly entry: Entry; readonly status: number }[],
): void => {
  const { shared, xen } = table;
  const end = xen.frames * ENTRIES_PER_FRAME;
  for (const words of [shared.flags, shared.domid, shared.gfn]) words.fill(0, 0, end);
  xen.version = version;
  xen.statusFrames = version === 1 ? 0 : statusFramesFor(xen.frames);
  xen.status = new Uint16Array(version === 1 ? 0 : shared.flags.length / 2);
  for (const [ref, { entry, status }] of reserved.entries()) {
    writeEntry(table, ref, entry);
    if (version === 2) writeStatus(table, ref, status);
  }
};
