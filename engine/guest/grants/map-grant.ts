// SPDX-License-Identifier: GPL-2.0-only
import { and, has, or, shiftLeft, without } from '../../num/bits.ts';
import { MAX_FRAME } from '../../num/frames.ts';
import type { RuleId } from '../../semantics/rules.ts';
import { applyRule } from '../../xen/trail.ts';
import { GNTMAP, GNTST, GTF } from './constants.ts';
import { type ReadTable, readEntry, readStatus, writeStatus } from './entry.ts';
import { type Mapping, putHandle, takeHandle } from './maptrack.ts';
import { type ActiveEntry, type GrantWorld, guestIsKnown, type LiveMapping, maptrackOf, xenTableOf } from './world.ts';
import { entriesOf } from './xen-table.ts';

export interface MapRequest {
  /** Domain that maps. */
  readonly mapper: number;
  /** Domain that granted. */
  readonly granter: number;
  readonly ref: number;
  /** GNTMAP bits. */
  readonly flags: number;
}

export type MapResult =
  | { readonly status: 0; readonly handle: number; readonly mfn: number }
  | { readonly status: number; readonly handle: undefined };

/** The status of a request that a rule refuses. */
const fail = (world: GrantWorld, { mapper, ref }: MapRequest, status: number, rule: RuleId): number => {
  applyRule(world, rule, { domain: `d${mapper}`, name: `reference ${ref}` });
  return status;
};

/** Counters of a pin, eight bits each, for mappings by a host or a device, read-only or not. */
const PIN = { hostWrite: 0xff, hostRead: 0xff00, deviceWrite: 0xff0000, deviceRead: 0xff000000 } as const;
const PIN_WRITE = PIN.hostWrite + PIN.deviceWrite;
const PIN_OVERFLOW_SHIFT = 7;

/** One in the counter that a mask selects. */
const one = (mask: number): number => mask / 0xff;

const pinIncrement = (flags: number): number => {
  const isReadonly = has(flags, GNTMAP.readonly);
  const device = has(flags, GNTMAP.deviceMap) ? one(isReadonly ? PIN.deviceRead : PIN.deviceWrite) : 0;
  const host = has(flags, GNTMAP.hostMap) ? one(isReadonly ? PIN.hostRead : PIN.hostWrite) : 0;
  return device + host;
};

/** Counters with a one, to the bit that a count may not reach (GNTPIN_incr2oflow_mask). */
const overflowMask = (increment: number): number => shiftLeft(increment, PIN_OVERFLOW_SHIFT);

/** The guest's table as Xen reads it. */
const tableOf = ({ table, xen }: GrantWorld): ReadTable => ({ shared: table.shared, xen });

/** Marks an entry as in use (xen/common/grant_table.c, _set_status_v1 and _set_status_v2). */
const setStatus = (world: GrantWorld, active: ActiveEntry, request: MapRequest): number => {
  const table = tableOf(world);
  const { flags, domid } = readEntry(table, request.ref);
  const isPermitted = and(flags, GTF.typeMask + GTF.subPage) === GTF.permitAccess && domid === request.mapper;
  if (active.pin === 0 && !isPermitted) return fail(world, request, GNTST.generalError, 'grant-table.not-granted');
  const isReadonly = has(request.flags, GNTMAP.readonly);
  if (!isReadonly && has(flags, GTF.readonly)) return fail(world, request, GNTST.generalError, 'grant-table.read-only');
  const status = readStatus(table, request.ref);
  writeStatus(table, request.ref, or(status, isReadonly ? GTF.reading : GTF.reading + GTF.writing));
  return GNTST.okay;
};

/** Takes back what the pin does not need any more (xen/common/grant_table.c, reduce_status_for_pin). */
const reduceStatus = (world: GrantWorld, ref: number, pin: number, isReadonly: boolean): void => {
  let clear = pin === 0 ? GTF.reading : 0;
  if (!isReadonly && !has(pin, PIN_WRITE)) clear += GTF.writing;
  const table = tableOf(world);
  writeStatus(table, ref, without(readStatus(table, ref), clear));
};

const pin = (world: GrantWorld, request: MapRequest, increment: number): number => {
  const active = world.active.get(request.ref) ?? { pin: 0, domid: 0, mfn: 0 };
  if (active.pin !== 0 && (active.domid !== request.mapper || has(active.pin, overflowMask(increment))))
    return fail(world, request, GNTST.generalError, 'grant-table.pinned');
  const isReadonly = has(request.flags, GNTMAP.readonly);
  if (active.pin === 0 || (!isReadonly && !has(active.pin, PIN_WRITE))) {
    const status = setStatus(world, active, request);
    if (status !== GNTST.okay) return status;
  }
  if (active.pin === 0) {
    const { gfn } = readEntry(tableOf(world), request.ref);
    if (world.guestHasEnded || gfn >= (world.config.maxGfn ?? MAX_FRAME + 1)) {
      reduceStatus(world, request.ref, active.pin, isReadonly);
      return fail(world, request, GNTST.badPage, 'grant-table.bad-page');
    }
    active.domid = request.mapper;
    active.mfn = gfn;
  }
  active.pin += increment;
  world.active.set(request.ref, active);
  return GNTST.okay;
};

/** In the table of another domain than the guest nothing is granted. */
const pinElsewhere = (world: GrantWorld, request: MapRequest): number =>
  request.ref >= entriesOf(xenTableOf(world, request.granter))
    ? fail(world, request, GNTST.badGntref, 'grant-table.reference-out-of-range')
    : fail(world, request, GNTST.generalError, 'grant-table.not-granted');

const refused = (status: number): MapResult => ({ status, handle: undefined });

const addLive = (world: GrantWorld, ref: number, mapping: LiveMapping): void => {
  const others = world.live.get(ref);
  if (others === undefined) world.live.set(ref, [mapping]);
  else others.push(mapping);
};

const dropLive = (world: GrantWorld, ref: number, { domid, handle }: LiveMapping): void => {
  const left = (world.live.get(ref) ?? []).filter((other) => other.domid !== domid || other.handle !== handle);
  if (left.length === 0) world.live.delete(ref);
  else world.live.set(ref, left);
};

const UNSUPPORTED_FLAGS = GNTMAP.deviceMap + GNTMAP.applicationMap + GNTMAP.containsPte;

/**
 * GNTTABOP_map_grant_ref (xen/common/grant_table.c, map_grant_ref). All domains are externally paged, as on Arm and
 * PVH; frames are mapped to the same number in the guest.
 */
export const mapGrantRef = (world: GrantWorld, request: MapRequest): MapResult => {
  const maptrack = maptrackOf(world, request.mapper);
  const increment = pinIncrement(request.flags);
  if (increment === 0) return refused(fail(world, request, GNTST.badGntref, 'grant-table.no-kind-of-mapping'));
  if (has(request.flags, UNSUPPORTED_FLAGS))
    return refused(fail(world, request, GNTST.generalError, 'grant-table.unsupported-flags'));
  const isGuest = request.granter === world.guest && guestIsKnown(world);
  if (!isGuest && !world.domains.has(request.granter))
    return refused(fail(world, request, GNTST.badDomain, 'grant-table.granter-missing'));

  const handle = takeHandle(maptrack);
  if (handle === undefined) return refused(fail(world, request, GNTST.noSpace, 'grant-table.no-handle-left'));

  let status: number;
  if (!isGuest) status = pinElsewhere(world, request);
  else if (request.ref < entriesOf(world.xen)) status = pin(world, request, increment);
  else status = fail(world, request, GNTST.badGntref, 'grant-table.reference-out-of-range');
  if (status !== GNTST.okay) {
    putHandle(maptrack, handle);
    return refused(status);
  }
  maptrack.mappings.set(handle, { flags: request.flags, domid: request.granter, ref: request.ref });
  addLive(world, request.ref, { domid: request.mapper, handle });
  return { status: 0, handle, mfn: world.active.get(request.ref)?.mfn ?? 0 };
};

/** Takes a mapping back from whom it was given to: its pin, and what of the entry's status nobody needs any more. */
const giveBack = (world: GrantWorld, holder: LiveMapping, { flags, ref }: Mapping): void => {
  dropLive(world, ref, holder);
  const active = world.active.get(ref);
  if (active === undefined) throw new Error(`reference ${ref} is mapped and not pinned`);
  active.pin -= pinIncrement(flags);
  reduceStatus(world, ref, active.pin, has(flags, GNTMAP.readonly));
};

/** GNTTABOP_unmap_grant_ref with a host address (xen/common/grant_table.c, unmap_common and unmap_common_complete). */
export const unmapGrantRef = (world: GrantWorld, mapper: number, handle: number): number => {
  const maptrack = maptrackOf(world, mapper);
  const mapping = maptrack.mappings.get(handle);
  if (mapping === undefined) {
    applyRule(world, 'grant-table.handle-unknown', { domain: `d${mapper}`, name: `handle ${handle}` });
    return GNTST.badHandle;
  }
  putHandle(maptrack, handle);
  giveBack(world, { domid: mapper, handle }, mapping);
  return GNTST.okay;
};

/** What a dying domain has mapped it gives back (xen/common/grant_table.c, gnttab_release_mappings). */
export const releaseMappings = (world: GrantWorld, domid: number): void => {
  for (const [handle, mapping] of world.maptracks.get(domid)?.mappings ?? []) {
    applyRule(world, 'grant-table.mapping-released', { domain: `d${domid}`, name: `reference ${mapping.ref}` });
    giveBack(world, { domid, handle }, mapping);
  }
  world.maptracks.delete(domid);
};

/** The handle that was given out last for a reference and is still mapped, of one domain or of any. */
export const newestMapping = (world: GrantWorld, ref: number, mapper: number | undefined): LiveMapping | undefined =>
  world.live.get(ref)?.findLast(({ domid }) => mapper === undefined || domid === mapper);
