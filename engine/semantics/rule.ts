// SPDX-License-Identifier: GPL-2.0-only

/** A decision that a reader may ask about. */
export interface Rule {
  /** What is decided, in one line. */
  readonly says: string;
  /** Path and function in Xen's or Linux's tree, or the discussion that asks for it, by file and place. */
  readonly where: string;
}
