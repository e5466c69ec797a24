// SPDX-License-Identifier: GPL-2.0-only

import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { recordedValue, register, smallSize } from '../fields.ts';
import { operation } from '../operation.ts';

export const hwGet = operation({
  name: 'hw.get',
  summary: 'looks at a register of the hardware itself',
  source: 'hardware',
  fields: { sbdf: field.sbdf, reg: register, size: smallSize, value: recordedValue },
  run: (world, { sbdf, reg, size }) => ({ value: hex(world.hw.peek(sbdf, reg, size)) }),
});
