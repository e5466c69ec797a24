// SPDX-License-Identifier: GPL-2.0-only
import { hex } from '../../num/u64.ts';
import { u32 } from './device-tree.ts';
import { entryCount } from './grant-table.ts';
import type { GrantWorld, UnansweredRequest } from './world.ts';

/** Consecutive references whose entries have the same flags, domain and pin and consecutive frames. */
export interface EntryRunJson {
  readonly ref: number;
  readonly n: number;
  readonly flags: number;
  readonly domid: number;
  readonly gfn: string;
  readonly pin: number;
}

export interface GrantDeviceJson {
  readonly dev: string;
  readonly ops: 'grant' | 'platform';
  readonly backend?: number;
  readonly broken?: boolean;
  /** Proposal: the probe waits for this device's backend. */
  readonly waiting?: true;
}

/** A mapping of a reference that its domain has not given back. */
export interface HandleJson {
  readonly dom: string;
  readonly handle: number;
  readonly ref: number;
}

/** A grant table that has frames which its guest does not know. */
export interface XenTableJson {
  readonly dom: string;
  readonly frames: number;
}

/** `state.grants` of a replay. */
export interface GrantsJson {
  readonly frames: number;
  /** References that the frames have room for. */
  readonly size: number;
  readonly free: number;
  /** Free references, first and last of each range. */
  readonly freeRefs: readonly (readonly [number, number])[];
  readonly entries: readonly EntryRunJson[];
  readonly devices: readonly GrantDeviceJson[];
  /** Live mappings, if there are any, by reference and then oldest first. */
  readonly handles?: readonly HandleJson[];
  /** Tables as Xen has them that are larger than their guest knows, if there are any. */
  readonly xen?: readonly XenTableJson[];
  /** Proposal: requests that found no backend. */
  readonly noBackend?: readonly UnansweredRequest[];
}

const freeRanges = (world: GrantWorld): (readonly [number, number])[] => {
  const { isFree } = world.table.free;
  const size = entryCount(world.table);
  const ranges: (readonly [number, number])[] = [];
  for (let ref = 0; ref < size; ref += 1) {
    if (isFree[ref] !== 1) continue;
    const first = ref;
    while (ref + 1 < size && isFree[ref + 1] === 1) ref += 1;
    ranges.push([first, ref]);
  }
  return ranges;
};

interface Run {
  ref: number;
  n: number;
  flags: number;
  domid: number;
  gfn: number;
  pin: number;
}

const entryRuns = (world: GrantWorld): EntryRunJson[] => {
  const { flags, domid, gfn } = world.table.shared;
  const runs: Run[] = [];
  const size = entryCount(world.table);
  for (let ref = 0; ref < size; ref += 1) {
    const entry: Run = {
      ref,
      n: 1,
      flags: flags[ref] ?? 0,
      domid: domid[ref] ?? 0,
      gfn: gfn[ref] ?? 0,
      pin: world.active.get(ref)?.pin ?? 0,
    };
    if (entry.flags === 0 && entry.domid === 0 && entry.gfn === 0 && entry.pin === 0) continue;
    const last = runs.at(-1);
    if (
      last !== undefined &&
      last.ref + last.n === ref &&
      last.flags === entry.flags &&
      last.domid === entry.domid &&
      last.pin === entry.pin &&
      u32(last.gfn + last.n) === entry.gfn
    )
      last.n += 1;
    else runs.push(entry);
  }
  return runs.map((run) => ({ ...run, gfn: hex(run.gfn) }));
};

/** Tables that are not what {@link GrantsJson.frames}, or the frame that a table starts with, says already. */
const xenTables = (world: GrantWorld): readonly XenTableJson[] =>
  [...(world.xenTables.has(world.guest) ? [] : [world.xen]), ...world.xenTables.values()]
    .filter((table) => table.frames !== (table === world.xen ? world.table.free.frames : 1))
    .sort((a, b) => a.domid - b.domid)
    .map(({ domid, frames }) => ({ dom: `d${domid}`, frames }));

const handles = ({ live }: GrantWorld): readonly HandleJson[] =>
  [...live]
    .sort(([a], [b]) => a - b)
    .flatMap(([ref, mappings]) => mappings.map(({ domid, handle }) => ({ dom: `d${domid}`, handle, ref })));

const devices = (world: GrantWorld): GrantDeviceJson[] => {
  const probed = [...world.probed].map(
    ([dev, data]): GrantDeviceJson =>
      data === undefined
        ? { dev, ops: 'platform', ...(world.readiness.waiting.has(dev) ? { waiting: true } : {}) }
        : { dev, ops: 'grant', backend: data.backend, broken: data.broken },
  );
  return probed;
};

/** The grants part of a state, in the form that replays print. */
export const describeGrants = (world: GrantWorld): GrantsJson => {
  const xen = xenTables(world);
  return {
    frames: world.table.free.frames,
    size: entryCount(world.table),
    free: world.table.free.count,
    freeRefs: freeRanges(world),
    entries: entryRuns(world),
    devices: devices(world),
    ...(world.live.size === 0 ? {} : { handles: handles(world) }),
    ...(xen.length === 0 ? {} : { xen }),
    ...(world.behaviours.backendWait === 'not-asked' ? {} : { noBackend: [...world.readiness.unanswered] }),
  };
};
