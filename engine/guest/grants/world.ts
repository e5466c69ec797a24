// SPDX-License-Identifier: GPL-2.0-only
import type { GrantBehaviours } from '../../semantics/grant-behaviours.ts';
import type { Trail } from '../../xen/state.ts';
import type { GrantMachine, GrantsDescription } from './description.ts';
import { type DeviceTree, makeDeviceTree } from './device-tree.ts';
import { type GrantTable, makeGrantTable } from './grant-table.ts';
import { type Maptrack, makeMaptrack } from './maptrack.ts';

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
  readonly tree: DeviceTree;
  readonly table: GrantTable;
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

/** The state at start. */
export const makeGrantWorld = (machine: GrantMachine, behaviours: GrantBehaviours, trail?: Trail): GrantWorld => {
  const { deviceTree, grants: config } = machine;
  const guest = domidOf(config.guest);
  return {
    behaviours,
    trail,
    config,
    guest,
    tree: makeDeviceTree(deviceTree),
    table: makeGrantTable(config.frames),
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
};

/** domctl.createdomain, as far as grants are concerned: the domain can be named as granter. */
export const createDomain = (world: GrantWorld, name: string): void => {
  world.domains.add(domidOf(name));
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
