// SPDX-License-Identifier: GPL-2.0-only
import { readConfig } from '../../arm/config-access.ts';
import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { armOperation } from './operation.ts';

/** Answers `value` and `bridge`, the path of the host bridge or null. */
export const confRead = armOperation(
  {
    name: 'arm.conf_read',
    summary: 'Xen itself reads config space, through whatever bridge has the bus',
    source: 'xen/arch/arm/pci/pci-access.c: pci_config_read',
    fields: { sbdf: field.sbdf, reg: field.u32, size: field.oneOf('1', '2', '4') },
  },
  (arm, { sbdf, reg, size }) => {
    const { value, bridge } = readConfig(arm, sbdf, reg, Number(size));
    return { value: hex(value), bridge: bridge?.node.path ?? null };
  },
);
