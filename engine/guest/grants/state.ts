// SPDX-License-Identifier: GPL-2.0-only
import { hex } from '../../num/u64.ts';
import { u32 } from './device-tree.ts';
import { type ReadTable, readEntry, readStatus } from './entry.ts';
import { entryCount } from './grant-table.ts';
import type { GrantWorld, UnansweredRequest } from './world.ts';
import { entriesOf } from './xen-table.ts';

/** Consecutive references whose entries have the same flags, status, domain and pin and consecutive frames. */
export interface EntryRunJson {
  readonly ref: number;
  readonly n: number;
  readonly flags: number;
  /** In version 2, where Xen marks beside the entry that it is in use. */
  readonly status?: number;
  readonly domid: number;
  readonly gfn: string;
  readonly pin: number;
}

/** A grant table of which Xen has more to say than that it is as large as its guest thinks. */
export interface XenTableJson {
  readonly dom: string;
  readonly frames: number;
  /** These two in version 2. */
  readonly statusFrames?: number;
  readonly version?: number;
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
  /** Tables as Xen has them that are of version 2, or larger than their guest knows, if there are any. */
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
  status: number;
  domid: number;
  gfn: number;
  pin: number;
}

/** An entry as Xen reads it. */
const runAt = (table: ReadTable, active: GrantWorld['active'], ref: number): Run => {
  const status = table.xen.version === 1 ? 0 : readStatus(table, ref);
  return { ref, n: 1, ...readEntry(table, ref), status, pin: active.get(ref)?.pin ?? 0 };
};

const isEmpty = ({ flags, status, domid, gfn, pin }: Run): boolean =>
  flags === 0 && status === 0 && domid === 0 && gfn === 0 && pin === 0;

const continues = (run: Run, next: Run): boolean =>
  run.ref + run.n === next.ref &&
  run.flags === next.flags &&
  run.status === next.status &&
  run.domid === next.domid &&
  run.pin === next.pin &&
  u32(run.gfn + run.n) === next.gfn;

const entryRuns = (world: GrantWorld): EntryRunJson[] => {
  const { xen } = world;
  const table = { shared: world.table.shared, xen };
  const runs: Run[] = [];
  const size = entriesOf(xen);
  for (let ref = 0; ref < size; ref += 1) {
    const entry = runAt(table, world.active, ref);
    if (isEmpty(entry)) continue;
    const last = runs.at(-1);
    if (last !== undefined && continues(last, entry)) last.n += 1;
    else runs.push(entry);
  }
  return runs.map(({ status, ...run }) => ({
    ...run,
    ...(xen.version === 1 ? {} : { status }),
    gfn: hex(run.gfn),
  }));
};

/** Tables that are not what {@link GrantsJson.frames}, or the frame that a table starts with, says already. */
const xenTables = (world: GrantWorld): readonly XenTableJson[] =>
  [...(world.xenTables.has(world.guest) ? [] : [world.xen]), ...world.xenTables.values()]
    .filter((table) => table.version !== 1 || table.frames !== (table === world.xen ? world.table.free.frames : 1))
    .sort((a, b) => a.domid - b.domid)
    .map(({ domid, frames, statusFrames, version }) => ({
      dom: `d${domid}`,
      frames,
      ...(version === 1 ? {} : { statusFrames, version }),
    }));

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
