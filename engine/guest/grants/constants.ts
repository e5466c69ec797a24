// SPDX-License-Identifier: GPL-2.0-only

/** Flags of a grant entry; the first ones are types (xen/include/public/grant_table.h). */
export const GTF = {
  permitAccess: 0x1,
  transitive: 0x3,
  typeMask: 0x3,
  readonly: 0x4,
  reading: 0x8,
  writing: 0x10,
  subPage: 0x100,
} as const;

/** Flags of a map request (xen/include/public/grant_table.h). */
export const GNTMAP = {
  deviceMap: 0x1,
  hostMap: 0x2,
  readonly: 0x4,
  applicationMap: 0x8,
  containsPte: 0x10,
  canFail: 0x20,
} as const;

/** Results of grant table operations (xen/include/public/grant_table.h). */
export const GNTST = {
  okay: 0,
  generalError: -1,
  badDomain: -2,
  badGntref: -3,
  badHandle: -4,
  badVirtAddr: -5,
  badDevAddr: -6,
  noDeviceSpace: -7,
  permissionDenied: -8,
  badPage: -9,
  badCopyArg: -10,
  addressTooBig: -11,
  eagain: -12,
  noSpace: -13,
} as const;

/** Version 1 entries in a frame of a grant table. */
export const ENTRIES_PER_FRAME = 512;

/** Version 2 entries in a frame of a grant table. */
export const ENTRIES_PER_FRAME_V2 = 256;

/** Entries whose status fits a frame, in version 2. */
export const ENTRIES_PER_STATUS_FRAME = 2048;

/** References that tools use, never put on the guest's free list (GNTTAB_NR_RESERVED_ENTRIES). */
export const RESERVED_ENTRIES = 8;
