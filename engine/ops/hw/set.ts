// SPDX-License-Identifier: GPL-2.0-only

import { lowHalf } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { mustBeDescribed } from '../../xen/domains.ts';
import { register, smallSize } from '../fields.ts';
import { operation } from '../operation.ts';

export const hwSet = operation({
  name: 'hw.set',
  summary: 'a device changes a register by itself, whatever its write masks are',
  source: 'hardware',
  fields: { sbdf: field.sbdf, reg: register, size: smallSize, value: field.u64 },
  run: (world, { sbdf, reg, size, value }) => {
    mustBeDescribed(sbdf, world.hw.poke(sbdf, reg, size, lowHalf(value)));
    return undefined;
  },
});
