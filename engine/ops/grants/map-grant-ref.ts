// SPDX-License-Identifier: GPL-2.0-only
import { mapGrantRef as mapGrant } from '../../guest/grants/map-grant.ts';
import { domidOf } from '../../guest/grants/world.ts';
import { PAGE_SIZE_BYTES } from '../../num/frames.ts';
import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { grantField } from './fields.ts';
import { grantOperation } from './operation.ts';

export const mapGrantRef = grantOperation(
  {
    name: 'grant_table.map_grant_ref',
    summary: 'a backend maps a reference that the guest (or domid) granted',
    source: 'GNTTABOP_map_grant_ref; xen/common/grant_table.c: map_grant_ref',
    fields: {
      dom: field.domain,
      /** The granter; without, the guest. */
      domid: field.optional(field.domain),
      ref: field.u32,
      flags: grantField.mapFlags,
    },
  },
  (world, { dom, domid, ref, flags }) => {
    const granter = domid === undefined ? world.guest : domidOf(domid);
    const result = mapGrant(world, { mapper: domidOf(dom), granter, ref, flags });
    if (result.handle === undefined) return { status: result.status };
    return { status: result.status, handle: result.handle, frame: hex(result.mfn * PAGE_SIZE_BYTES) };
  },
);
