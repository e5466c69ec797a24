// SPDX-License-Identifier: GPL-2.0-only
import { setUpHwdom } from '../../passthrough/boot.ts';
import { operation } from '../operation.ts';

export const bootHwdomSetup = operation({
  name: 'boot.hwdom_setup',
  summary: 'hwdom gets its devices and the system becomes active (scans if nothing did)',
  source: 'xen/drivers/passthrough/pci.c: setup_hwdom_pci_devices',
  fields: {},
  run: (world) => {
    setUpHwdom(world);
    return { ret: 0 };
  },
});
