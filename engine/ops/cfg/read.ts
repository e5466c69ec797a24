// SPDX-License-Identifier: GPL-2.0-only

import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { vpciRead } from '../../vpci/dispatch.ts';
import { ACTOR, recordedValue, register, smallSize } from '../fields.ts';
import { operation } from '../operation.ts';

export const cfgRead = operation({
  name: 'cfg.read',
  summary: 'config space read as the domain sees it (its own SBDF), 1 to 4 bytes at any offset',
  source: 'xen/drivers/vpci/vpci.c: vpci_read',
  fields: { ...ACTOR, sbdf: field.sbdf, reg: register, size: smallSize, value: recordedValue },
  run: (world, { sbdf, reg, size }) => {
    if (!world.current.domain.hasVpci) return { noVpci: true };
    return { value: hex(vpciRead(world, sbdf, reg, size)) };
  },
});
