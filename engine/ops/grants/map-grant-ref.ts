// SPDX-License-Identifier: GPL-2.0-only
import { mapGrantRef } from '../../guest/grants/map-grant.ts';
import { domidOf, type GrantWorld } from '../../guest/grants/world.ts';
import { PAGE_SIZE_BYTES } from '../../num/frames.ts';
import { hex } from '../../num/u64.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { grantField } from './fields.ts';
import type { GrantOutcome } from './outcome.ts';

const fields = {
  dom: field.domain,
  /** The granter; without, the guest. */
  domid: field.optional(field.domain),
  ref: field.u32,
  flags: grantField.mapFlags,
} as const;

export const declaration = {
  name: 'grant_table.map_grant_ref',
  summary: 'A backend maps a reference that the guest (or domid) granted.',
  source: 'GNTTABOP_map_grant_ref: xen/common/grant_table.c, map_grant_ref',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome => {
  const granter = args.domid === undefined ? world.guest : domidOf(args.domid);
  const { ref, flags } = args;
  const result = mapGrantRef(world, { mapper: domidOf(args.dom), granter, ref, flags });
  if (result.handle === undefined) return { status: result.status };
  return { status: result.status, handle: result.handle, frame: hex(result.mfn * PAGE_SIZE_BYTES) };
};
