// SPDX-License-Identifier: GPL-2.0-only
const DIGESTS = ['trace', 'machine'] as const;

/** What a golden file was made from that has been edited since. */
export type Edited = 'trace' | 'machine' | 'trace and machine';

/** Heads of golden files without their release; undefined: trace and machine are those that they were. */
export const editedSince = (old: string, now: string): Edited | undefined => {
  const digest = (head: string, name: string): string | undefined =>
    head.split('\n').find((line) => line.startsWith(`${name} sha256: `));
  const [first, second] = DIGESTS.filter((name) => digest(old, name) !== digest(now, name));
  return second === undefined ? first : 'trace and machine';
};

/** Whether rows may be others than those that the golden file was made from. */
export const isTraceEdited = (edited: Edited | undefined): boolean => edited !== undefined && edited !== 'machine';
