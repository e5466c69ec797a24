// SPDX-License-Identifier: GPL-2.0-only

import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { ecamRead as readThroughEcam } from '../../vpci/dispatch.ts';
import { ACTOR, anySize, recordedValue, register } from '../fields.ts';
import { operation } from '../operation.ts';

export const ecamRead = operation({
  name: 'ecam.read',
  summary: 'config space read through ECAM: size and alignment are checked, 8 bytes are two reads of 4',
  source: 'xen/drivers/vpci/vpci.c: vpci_ecam_read',
  fields: { ...ACTOR, sbdf: field.sbdf, reg: register, size: anySize, value: recordedValue },
  run: (world, { sbdf, reg, size }) => {
    if (!world.current.domain.hasVpci) return { noVpci: true };
    const value = readThroughEcam(world, sbdf, reg, size);
    return value === undefined ? { accepted: false } : { value: hex(value), accepted: true };
  },
});
