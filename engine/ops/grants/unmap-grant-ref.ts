// SPDX-License-Identifier: GPL-2.0-only
import { newestMapping, unmapGrantRef as unmapGrant } from '../../guest/grants/map-grant.ts';
import { domidOf } from '../../guest/grants/world.ts';
import { field } from '../../trace/field.ts';
import { grantOperation } from './operation.ts';

export const unmapGrantRef = grantOperation(
  {
    name: 'grant_table.unmap_grant_ref',
    summary: "a backend unmaps: its handle, or the newest live handle on one of the guest's references",
    source: 'GNTTABOP_unmap_grant_ref; xen/common/grant_table.c: unmap_common',
    fields: {
      /** The domain that mapped; with `ref` it may be left out. */
      dom: field.optional(field.domain),
      ref: field.optional(field.u32),
      handle: field.optional(field.u32),
    },
  },
  (world, { dom, ref, handle }) => {
    const domid = dom === undefined ? undefined : domidOf(dom);
    if (handle !== undefined)
      return domid === undefined ? { noHandle: true } : { status: unmapGrant(world, domid, handle), handle };
    const mapping = ref === undefined ? undefined : newestMapping(world, ref, domid);
    if (mapping === undefined) return { noHandle: true };
    return { status: unmapGrant(world, mapping.domid, mapping.handle), handle: mapping.handle };
  },
);
