// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { register, smallSize } from '../fields.ts';
import { operation } from '../operation.ts';

export const expectHwWrite = operation({
  name: 'expect.hw_write',
  summary: 'recorded: a config write reached hardware about here; changes nothing, conform compares it',
  source: 'hardware; QEMU hw/pci/pci_host.c: pci_host_config_write_common',
  fields: { sbdf: field.sbdf, reg: register, size: field.optional(smallSize), value: field.u64 },
  run: () => undefined,
});
