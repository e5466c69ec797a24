// SPDX-License-Identifier: GPL-2.0-only
import { hideDevice } from '../../passthrough/boot.ts';
import { field } from '../../trace/field.ts';
import { operation } from '../operation.ts';

export const bootHide = operation({
  name: 'boot.hide',
  summary: 'Xen keeps a device for itself (serial console, debug port, video)',
  source: 'xen/drivers/passthrough/pci.c: pci_hide_device',
  fields: { sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    hideDevice(world, sbdf);
    return { ret: 0 };
  },
});
