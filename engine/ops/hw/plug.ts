// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { mustBeDescribed } from '../../xen/domains.ts';
import { operation } from '../operation.ts';

export const hwPlug = operation({
  name: 'hw.plug',
  summary: 'a device of the machine file appears, in its initial state, without Xen being told',
  source: 'hardware',
  fields: { sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    mustBeDescribed(sbdf, world.hw.plug(sbdf));
    return undefined;
  },
});
