// SPDX-License-Identifier: GPL-2.0-only

import { lowHalf } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { vpciWrite } from '../../vpci/dispatch.ts';
import { ACTOR, register, smallSize } from '../fields.ts';
import { operation } from '../operation.ts';

export const cfgWrite = operation({
  name: 'cfg.write',
  summary: 'config space write as the domain sees it (its own SBDF), 1 to 4 bytes at any offset',
  source: 'xen/drivers/vpci/vpci.c: vpci_write',
  fields: { ...ACTOR, sbdf: field.sbdf, reg: register, size: smallSize, value: field.u64 },
  run: (world, { sbdf, reg, size, value }) => {
    if (!world.current.domain.hasVpci) return { noVpci: true };
    vpciWrite(world, sbdf, reg, size, lowHalf(value));
    return undefined;
  },
});
