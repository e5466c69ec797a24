// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { mustBeDescribed } from '../../xen/domains.ts';
import { operation } from '../operation.ts';

export const hwUnplug = operation({
  name: 'hw.unplug',
  summary: 'a device disappears without Xen being told',
  source: 'hardware',
  fields: { sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    mustBeDescribed(sbdf, world.hw.unplug(sbdf));
    return undefined;
  },
});
