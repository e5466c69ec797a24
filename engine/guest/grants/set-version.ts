// SPDX-License-Identifier: GPL-2.0-only
import { and, or, without } from '../../num/bits.ts';
import { ERRNO } from '../../num/errno.ts';
import type { RuleId } from '../../semantics/rules.ts';
import { grantStatusFrame } from '../../xen/heap-frames.ts';
import type { P2m } from '../../xen/p2m.ts';
import { applyRule } from '../../xen/trail.ts';
import { GTF, RESERVED_ENTRIES } from './constants.ts';
import { type Entry, type ReadTable, readStatus, reservedEntries, startVersion } from './entry.ts';
import { type GrantWorld, xenTableOf } from './world.ts';
import { entriesOf, type XenTable } from './xen-table.ts';

const IN_USE = GTF.reading + GTF.writing;

/** Version 1 entries have 32 bits for a frame. */
const isTooWide = ({ flags, gfn }: Entry): boolean => {
  const type = and(flags, GTF.typeMask);
  return type === GTF.transitive || (type === GTF.permitAccess && gfn >= 2 ** 32);
};

const NOTHING: Entry = { flags: 0, domid: 0, gfn: 0 };

/** Flags and status are one word in version 1; only grants of pages are taken over. */
const toVersion1 = (table: ReadTable): void => {
  const reserved = reservedEntries(table).map((entry, ref) => {
    const isGrant = and(entry.flags, GTF.typeMask) === GTF.permitAccess;
    return { entry: isGrant ? { ...entry, flags: or(entry.flags, readStatus(table, ref)) } : NOTHING, status: 0 };
  });
  startVersion(table, 1, reserved);
};

const toVersion2 = (table: ReadTable): void => {
  const reserved = reservedEntries(table).map((entry) => ({
    entry: { ...entry, flags: without(entry.flags, IN_USE) },
    status: and(entry.flags, IN_USE),
  }));
  startVersion(table, 2, reserved);
};

/** The status frames leave the p2m before they are freed (gnttab_unpopulate_status_frames). */
const dropStatusFrames = ({ domid, statusFrames }: XenTable, p2m: P2m): void => {
  for (let index = 0; index < statusFrames; index += 1) {
    const at = p2m.frameOf(grantStatusFrame(domid, index));
    if (at !== undefined) p2m.clear(at, 1);
  }
};

/** The guest's entries are modelled; of another domain's table nothing but what Xen counts. */
const entriesToRead = (world: GrantWorld, xen: XenTable): ReadTable =>
  xen === world.xen
    ? { shared: world.table.shared, xen }
    : { shared: { flags: new Uint16Array(0), domid: new Uint16Array(0), gfn: new Uint32Array(0) }, xen };

const isInUse = (world: GrantWorld, xen: XenTable): boolean =>
  xen === world.xen &&
  [...world.active].some(([ref, { pin }]) => pin !== 0 && ref >= RESERVED_ENTRIES && ref < entriesOf(xen));

/**
 * GNTTABOP_set_version (xen/common/grant_table.c, gnttab_set_version), which a domain does to its own table. 0, or a
 * negated errno with the version unchanged.
 */
export const setVersion = (world: GrantWorld, domid: number, p2m: P2m, version: number): number => {
  const xen = xenTableOf(world, domid);
  const refuse = (errno: number, rule: RuleId): number => {
    applyRule(world, rule, { domain: `d${domid}`, name: `version ${version}` });
    return -errno;
  };
  if (version !== 1 && version !== 2) return refuse(ERRNO.EINVAL, 'grant-table.version-unknown');
  if (version > xen.maxVersion) return refuse(ERRNO.ENOSYS, 'grant-table.version-not-for-domain');
  if (version === xen.version) return 0;
  if (isInUse(world, xen)) return refuse(ERRNO.EBUSY, 'grant-table.entries-in-use');
  const table = entriesToRead(world, xen);
  if (version === 1 && reservedEntries(table).some(isTooWide))
    return refuse(ERRNO.ERANGE, 'grant-table.entries-too-wide');
  applyRule(world, 'grant-table.emptied', { domain: `d${domid}`, name: `version ${version}` });
  dropStatusFrames(xen, p2m);
  if (version === 1) toVersion1(table);
  else toVersion2(table);
  return 0;
};
