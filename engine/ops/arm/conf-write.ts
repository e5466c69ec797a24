// SPDX-License-Identifier: GPL-2.0-only
import { writeConfig } from '../../arm/config-access.ts';
import { field } from '../../trace/field.ts';
import { armOperation } from './operation.ts';

/** Answers `bridge`, the path of the host bridge or null. */
export const confWrite = armOperation(
  {
    name: 'arm.conf_write',
    summary: 'Xen itself writes config space, through whatever bridge has the bus',
    source: 'xen/arch/arm/pci/pci-access.c: pci_config_write',
    fields: { sbdf: field.sbdf, reg: field.u32, size: field.oneOf('1', '2', '4'), value: field.u32 },
  },
  (arm, { sbdf, reg, size, value }) => ({
    bridge: writeConfig(arm, sbdf, reg, Number(size), value)?.node.path ?? null,
  }),
);
