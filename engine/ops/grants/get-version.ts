// SPDX-License-Identifier: GPL-2.0-only
import { GNTST } from '../../guest/grants/constants.ts';
import { ERRNO } from '../../num/errno.ts';
import { field } from '../../trace/field.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';
import { askedTable } from './of.ts';

export const grantTableGetVersion = operation({
  name: 'grant_table.get_version',
  summary: 'asks for the version of a grant table',
  source: 'GNTTABOP_get_version (20.10); xen/common/grant_table.c: gnttab_get_version',
  fields: { ...ACTOR, domid: field.optional(field.domain) },
  run: (world, { domid }) => {
    const asked = askedTable(world, domid);
    if ('status' in asked) return { ret: asked.status === GNTST.badDomain ? -ERRNO.ESRCH : -ERRNO.EPERM };
    return { ret: 0, version: asked.mapped.table.version };
  },
});
