// SPDX-License-Identifier: GPL-2.0-only
import { newestMapping, unmapGrantRef } from '../../guest/grants/map-grant.ts';
import { domidOf, type GrantWorld } from '../../guest/grants/world.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import type { GrantOutcome } from './outcome.ts';

const fields = {
  /** The domain that mapped; with `ref` it may be left out. */
  dom: field.optional(field.domain),
  ref: field.optional(field.u32),
  handle: field.optional(field.u32),
} as const;

export const declaration = {
  name: 'grant_table.unmap_grant_ref',
  summary: "A backend unmaps: its handle, or the newest live handle on one of the guest's references.",
  source: 'GNTTABOP_unmap_grant_ref: xen/common/grant_table.c, unmap_common',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome => {
  const dom = args.dom === undefined ? undefined : domidOf(args.dom);
  if (args.handle !== undefined) {
    if (dom === undefined) return { noHandle: true };
    return { status: unmapGrantRef(world, dom, args.handle), handle: args.handle };
  }
  const mapping = args.ref === undefined ? undefined : newestMapping(world, args.ref, dom);
  if (mapping === undefined) return { noHandle: true };
  return { status: unmapGrantRef(world, mapping.domid, mapping.handle), handle: mapping.handle };
};
