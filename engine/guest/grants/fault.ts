// SPDX-License-Identifier: GPL-2.0-only

/** Where Linux's or Xen's own code leaves what its memory holds. */
export type GrantRule =
  /** A link of the free list is read or written that is not in the table. */
  | 'grant-free-list-out-of-bounds'
  /** The pointer to the free list's tail is used while it points nowhere. */
  | 'grant-free-list-null-tail'
  /** A reference is ended that is beyond the frames of the table. */
  | 'grant-reference-out-of-bounds';

/** The first rule that an operation broke; nothing that comes after it is known. */
export interface Fault {
  rule: GrantRule | undefined;
}
