// SPDX-License-Identifier: GPL-2.0-only
import { GNTST } from '../../guest/grants/constants.ts';
import { listFrames } from '../../guest/grants/table-frames.ts';
import { placeOfTable } from '../../guest/grants/world.ts';
import { growTable } from '../../guest/grants/xen-table.ts';
import { field } from '../../trace/field.ts';
import { applyRule } from '../../xen/trail.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';
import { askedTable, grantsOf } from './of.ts';

/** Answers `status`, and `frames`: guest frames of the table's first `nr` frames. */
export const grantTableSetupTable = operation({
  name: 'grant_table.setup_table',
  summary: 'asks where the first nr frames of a grant table are; it grows to have so many',
  source: 'GNTTABOP_setup_table (20.2); xen/common/grant_table.c: gnttab_setup_table',
  fields: { ...ACTOR, domid: field.optional(field.domain), nr: field.u32 },
  run: (world, { domid, nr }) => {
    const asked = askedTable(world, domid);
    if ('status' in asked) return asked;
    const { mapped } = asked;
    const { table } = mapped;
    if (nr > table.maxFrames) {
      applyRule(world, 'grant-table.beyond-limit', { domain: `d${table.domid}`, name: `${nr} frames` });
      return { status: GNTST.generalError };
    }
    growTable(world, table, nr);
    const grants = grantsOf(world);
    const place = table === grants.xen ? placeOfTable(grants) : 'somewhere';
    return { status: GNTST.okay, frames: listFrames(mapped, place, nr) };
  },
});
