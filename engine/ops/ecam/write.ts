// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { ecamWrite as writeThroughEcam } from '../../vpci/dispatch.ts';
import { ACTOR, anySize, register } from '../fields.ts';
import { operation } from '../operation.ts';

export const ecamWrite = operation({
  name: 'ecam.write',
  summary: 'config space write through ECAM: size and alignment are checked, 8 bytes are two writes of 4',
  source: 'xen/drivers/vpci/vpci.c: vpci_ecam_write',
  fields: { ...ACTOR, sbdf: field.sbdf, reg: register, size: anySize, value: field.u64 },
  run: (world, { sbdf, reg, size, value }) => {
    if (!world.current.domain.hasVpci) return { noVpci: true };
    return { accepted: writeThroughEcam(world, sbdf, reg, size, value) };
  },
});
