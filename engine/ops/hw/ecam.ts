// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { operation } from '../operation.ts';

export const hwEcam = operation({
  name: 'hw.ecam',
  summary: 'extended config space of a range of buses can be reached (on) or not (off)',
  source: 'hardware',
  fields: { segment: field.u16, startBus: field.u8, endBus: field.u8, name: field.oneOf('on', 'off') },
  run: (world, { segment, startBus, endBus, name }) => {
    world.hw.setExtendedReachable(segment, startBus, endBus, name === 'on');
    return undefined;
  },
});
