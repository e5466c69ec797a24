// SPDX-License-Identifier: GPL-2.0-only

/** What a handle stands for (xen/common/grant_table.c, struct grant_mapping); `flags` 0: nothing. */
export interface Mapping {
  flags: number;
  /** Granting domain. */
  domid: number;
  ref: number;
}

/**
 * The handles of a domain's mappings. Handles given back join the end of the free list, and the list always keeps one,
 * as Xen does to make joining cheap (xen/common/grant_table.c, get_maptrack_handle). One vCPU is modelled.
 */
export interface Maptrack {
  readonly mappings: Map<number, Mapping>;
  readonly maxFrames: number;
  /** Handles that exist, used or not. */
  limit: number;
  /** Free handles, next one first; entries before `at` are taken. */
  free: number[];
  at: number;
}

/** MAPTRACK_PER_PAGE. */
const HANDLES_PER_FRAME = 256;

export const makeMaptrack = (maxFrames: number): Maptrack => ({
  mappings: new Map(),
  maxFrames,
  limit: 0,
  free: [],
  at: 0,
});

const compact = (maptrack: Maptrack): void => {
  maptrack.free = maptrack.free.slice(maptrack.at);
  maptrack.at = 0;
};

/** A free handle; undefined: none left and no frame to make more. */
export const takeHandle = (maptrack: Maptrack): number | undefined => {
  const left = maptrack.free.length - maptrack.at;
  const head = maptrack.free[maptrack.at];
  if (left > 1 && head !== undefined) {
    maptrack.at += 1;
    if (maptrack.at >= left) compact(maptrack);
    return head;
  }
  if (maptrack.limit >= maptrack.maxFrames * HANDLES_PER_FRAME) return undefined;
  const handle = maptrack.limit;
  const more = Array.from({ length: HANDLES_PER_FRAME - 1 }, (_, index) => handle + 1 + index);
  maptrack.free = [...more, ...maptrack.free.slice(maptrack.at)];
  maptrack.at = 0;
  maptrack.limit += HANDLES_PER_FRAME;
  return handle;
};

export const putHandle = (maptrack: Maptrack, handle: number): void => {
  maptrack.mappings.delete(handle);
  maptrack.free.push(handle);
};
