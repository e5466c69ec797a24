// SPDX-License-Identifier: GPL-2.0-only
import { GNTST } from '../../guest/grants/constants.ts';
import { field } from '../../trace/field.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';
import { askedTable } from './of.ts';

export const grantTableQuerySize = operation({
  name: 'grant_table.query_size',
  summary: 'asks how many frames a grant table has, and how many it may have',
  source: 'GNTTABOP_query_size (20.6); xen/common/grant_table.c: gnttab_query_size',
  fields: { ...ACTOR, domid: field.optional(field.domain) },
  run: (world, { domid }) => {
    const asked = askedTable(world, domid);
    if ('status' in asked) return asked;
    const { frames, maxFrames } = asked.mapped.table;
    return { status: GNTST.okay, nrFrames: frames, maxNrFrames: maxFrames };
  },
});
