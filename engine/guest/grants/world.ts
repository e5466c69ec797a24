// SPDX-License-Identifier: GPL-2.0-only
import type { GrantBehaviours } from '../../semantics/grant-behaviours.ts';
import { P2m } from '../../xen/p2m.ts';
import type { Trail } from '../../xen/state.ts';
import type { GrantMachine, GrantsDescription } from './description.ts';
import { type DeviceTree, makeDeviceTree } from './device-tree.ts';
import { type GrantTable, makeGrantTable } from './grant-table.ts';
import { type Maptrack, makeMaptrack } from './maptrack.ts';
import { mapForKernel, type TablePlace } from './table-frames.ts';
import { makeXenTable, type XenTable } from './xen-table.ts';

/** struct xen_grant_dma_data of a device (Linux drivers/xen/grant-dma-ops.c). */
export interface GrantDmaData {
  readonly backend: number;
  /** A reference was still in use when the device gave it up. */
  broken: boolean;
}

/** One entry of a scatter-gather list. Addresses are 64-bit. */
export interface ScatterEntry {
  readonly pfn: number;
  readonly offset: number;
  readonly sizeBytes: number;
  dmaAddress: bigint;
  dmaSizeBytes: number;
}

/** struct active_grant_entry: a pinned reference, as Xen counts it. */
export interface ActiveEntry {
  pin: number;
  domid: number;
  mfn: number;
}

/** A mapping that its domain has not given back. */
export interface LiveMapping {
  /** The domain that mapped. */
  readonly domid: number;
  readonly handle: number;
}

/** Proposal: a request that a front end made while its backend was not up. */
export interface UnansweredRequest {
  readonly op: string;
  readonly device: string;
  readonly backend: number;
}

/** Proposal: who is up, who waits, and what was asked in vain. */
export interface Readiness {
  readonly up: Set<number>;
  /** Devices whose probe waits, with the ms that have gone by. */
  readonly waiting: Map<string, { readonly backend: number; waitedMs: number }>;
  readonly unanswered: UnansweredRequest[];
}

/** All state of the grants part of the model; operations change it in place. */
export interface GrantWorld {
  readonly behaviours: GrantBehaviours;
  readonly trail: Trail | undefined;
  readonly config: GrantsDescription;
  /** The guest's domain id. */
  readonly guest: number;
  /** Xen runs on Arm. */
  readonly isArm: boolean;
  readonly tree: DeviceTree;
  readonly table: GrantTable;
  /** The guest's table as Xen keeps it. */
  readonly xen: XenTable;
  /** Those of other domains, by domain id, also of one that has the guest's id after it; the rest are as at their start. */
  readonly xenTables: Map<number, XenTable>;
  /** Devices in the order of their first probe; undefined: on platform DMA. */
  readonly probed: Map<string, GrantDmaData | undefined>;
  /** By the number that map_sg answered. */
  readonly scatterLists: ScatterEntry[][];
  /** Frame that the next coherent buffer gets. */
  nextPfn: number;
  /** Its domain is gone, or stays only as long as somebody has pages of it mapped. */
  guestHasEnded: boolean;
  /** Domains that Xen knows, by id. */
  readonly domains: Set<number>;
  readonly active: Map<number, ActiveEntry>;
  /** By the mapping domain's id. */
  readonly maptracks: Map<number, Maptrack>;
  /** By reference, newest last. */
  readonly live: Map<number, LiveMapping[]>;
  readonly readiness: Readiness;
}

/** Domains that any machine of this model has. */
const INITIAL_DOMAINS = [0, 1, 2, 3];

/** `12` of `d12`; `xen` and `io` are DOMID_XEN and DOMID_IO (xen/include/public/xen.h). */
export const domidOf = (name: string): number => {
  if (name === 'io') return 0x7ff1;
  if (name === 'xen') return 0x7ff2;
  return Number(name.slice(1));
};

/** What the guest runs on. */
export interface GrantHost {
  readonly isArm: boolean;
  /** The guest's. */
  readonly p2m: P2m;
}

/** Where the guest's kernel has its table. PV is a matter of x86; on Arm the word only says how Linux was built. */
export const placeOfTable = ({ isArm, config }: Pick<GrantWorld, 'isArm' | 'config'>): TablePlace =>
  config.pv && !isArm ? 'no-p2m' : (config.tableGfn ?? 'somewhere');

/** Limit of a domain of which the machine file says nothing: Xen's default (gnttab_max_frames). */
const DEFAULT_MAX_FRAMES = 64;

/** A domain's table as Xen keeps it. */
export const xenTableOf = ({ xen, xenTables, isArm }: GrantWorld, domid: number): XenTable => {
  const known = xenTables.get(domid) ?? (domid === xen.domid ? xen : undefined);
  if (known !== undefined) return known;
  const made = makeXenTable(domid, DEFAULT_MAX_FRAMES, isArm ? 1 : 2);
  xenTables.set(domid, made);
  return made;
};

/** The state at start: the guest's kernel has mapped the first frame of its table. */
export const makeGrantWorld = (
  machine: GrantMachine,
  behaviours: GrantBehaviours,
  trail?: Trail,
  { isArm, p2m }: GrantHost = { isArm: true, p2m: new P2m() },
): GrantWorld => {
  const { deviceTree, grants: config } = machine;
  const guest = domidOf(config.guest);
  const mapFrames = (first: number, last: number): boolean =>
    mapForKernel(world, { table: world.xen, p2m }, placeOfTable(world), { first, last });
  const world: GrantWorld = {
    behaviours,
    trail,
    config,
    guest,
    isArm,
    tree: makeDeviceTree(deviceTree),
    table: makeGrantTable(config.frames, mapFrames),
    xen: makeXenTable(guest, config.frames, isArm ? 1 : config.maxVersion),
    xenTables: new Map(),
    probed: new Map(),
    scatterLists: [],
    nextPfn: config.firstAllocPfn,
    guestHasEnded: false,
    domains: new Set([...INITIAL_DOMAINS, guest]),
    active: new Map(),
    maptracks: new Map(),
    live: new Map(),
    readiness: { up: new Set(), waiting: new Map(), unanswered: [] },
  };
  mapFrames(0, 0);
  return world;
};

/** domctl.createdomain, as far as grants are concerned: the domain can be named as granter, and has a table of its own. */
export const createDomain = (world: GrantWorld, name: string): void => {
  const domid = domidOf(name);
  world.domains.add(domid);
  world.xenTables.set(domid, makeXenTable(domid, DEFAULT_MAX_FRAMES, world.isArm ? 1 : 2));
};

/**
 * domctl.destroydomain, once the domain has given back all it had: it is no granter any more, though pages that others
 * have mapped keep it known (xen/common/domain.c, domain_kill).
 */
export const forgetDomain = (world: GrantWorld, name: string): void => {
  const domid = domidOf(name);
  world.domains.delete(domid);
  if (domid === world.guest) world.guestHasEnded = true;
};

/** Whether the guest with its table can be named as granter. */
export const guestIsKnown = ({ guestHasEnded, live }: GrantWorld): boolean => !guestHasEnded || live.size > 0;

/** The mapping side of a domain; whoever maps exists. */
export const maptrackOf = (world: GrantWorld, domid: number): Maptrack => {
  const known = world.maptracks.get(domid);
  if (known !== undefined) return known;
  const made = makeMaptrack(world.config.maptrackFrames);
  world.maptracks.set(domid, made);
  world.domains.add(domid);
  return made;
};
