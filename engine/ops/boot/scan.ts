// SPDX-License-Identifier: GPL-2.0-only
import { scanBuses } from '../../passthrough/boot.ts';
import { operation } from '../operation.ts';

export const bootScan = operation({
  name: 'boot.scan',
  summary: 'Xen looks for devices on all buses',
  source: 'xen/drivers/passthrough/pci.c: scan_pci_devices',
  fields: {},
  run: (world) => {
    scanBuses(world);
    return { ret: 0 };
  },
});
