// SPDX-License-Identifier: GPL-2.0-only

/** What the process answers. When several apply, the highest wins. */
export const EXIT = {
  /** All agrees; what was asked for is done. */
  ok: 0,
  /** Something differs. */
  differs: 1,
  /** The input or the command line is wrong. */
  wrongInput: 2,
  /** A defect of hvreplay itself. */
  defect: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
