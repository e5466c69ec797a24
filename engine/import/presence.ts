// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';
import { truncateTo } from '../num/u64.ts';
import type { Recorded } from './record.ts';

/** A device that comes or goes: seen by a read of its vendor ID that is the first to answer otherwise. */
export interface PresenceChange {
  /** Number of the event in front of which it happened, at the latest. */
  readonly at: number;
  readonly sbdf: Sbdf;
  readonly present: boolean;
}

export interface Presence {
  /** Whether a device was there when its vendor ID was read first. */
  readonly initially: ReadonlyMap<Sbdf, boolean>;
  readonly changes: readonly PresenceChange[];
}

const NO_VENDOR = 0xffffn;
const VENDOR_BYTES = 2;

/** What reads of vendor IDs say about which devices were there, and when. */
export const presenceOf = (events: readonly Recorded[]): Presence => {
  const initially = new Map<Sbdf, boolean>();
  const now = new Map<Sbdf, boolean>();
  const changes: PresenceChange[] = [];
  events.forEach((event, at) => {
    if (event.kind !== 'config' || event.write || event.reg !== 0 || event.size < VENDOR_BYTES) return;
    const { sbdf } = event;
    const present = truncateTo(event.value, VENDOR_BYTES) !== NO_VENDOR;
    const before = now.get(sbdf);
    if (before === undefined) initially.set(sbdf, present);
    else if (before !== present) changes.push({ at, sbdf, present });
    now.set(sbdf, present);
  });
  return { initially, changes };
};
