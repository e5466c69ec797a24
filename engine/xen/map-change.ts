// SPDX-License-Identifier: GPL-2.0-only

/** One range that vPCI put into a p2m or took out of it; frames inclusive, `ret` 0 or a negated errno. */
export interface MapChange {
  readonly domain: string;
  readonly isMap: boolean;
  readonly firstGfn: number;
  readonly lastGfn: number;
  readonly firstMfn: number;
  readonly ret: number;
}
