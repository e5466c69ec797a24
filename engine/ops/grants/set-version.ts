// SPDX-License-Identifier: GPL-2.0-only
import { setVersion } from '../../guest/grants/set-version.ts';
import { field } from '../../trace/field.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';
import { grantsOf, tableOf } from './of.ts';

/** Answers `ret`, and `version`: the one in force then. */
export const grantTableSetVersion = operation({
  name: 'grant_table.set_version',
  summary: 'a domain chooses the version of its grant table, which is emptied by that',
  source: 'GNTTABOP_set_version (20.8); xen/common/grant_table.c: gnttab_set_version',
  fields: { ...ACTOR, version: field.u32 },
  run: (world, { version }) => {
    const { table, p2m } = tableOf(world, world.current.domain);
    const ret = setVersion(grantsOf(world), table.domid, p2m, version);
    return { ret, version: table.version };
  },
});
