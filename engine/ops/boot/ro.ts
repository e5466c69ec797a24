// SPDX-License-Identifier: GPL-2.0-only
import { makeReadOnly } from '../../passthrough/boot.ts';
import { field } from '../../trace/field.ts';
import { operation } from '../operation.ts';

export const bootRo = operation({
  name: 'boot.ro',
  summary: 'Xen keeps a device for itself and makes its config space read-only',
  source: 'xen/drivers/passthrough/pci.c: pci_ro_device',
  fields: { sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    makeReadOnly(world, sbdf);
    return { ret: 0 };
  },
});
