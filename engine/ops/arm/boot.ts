// SPDX-License-Identifier: GPL-2.0-only
import { bootPci } from '../../arm/probe.ts';
import { armOperation } from './operation.ts';

export const boot = armOperation(
  {
    name: 'arm.boot',
    summary: "Xen probes the host's PCI host bridges",
    source: 'xen/arch/arm/pci/pci.c: pci_init',
    fields: {},
  },
  (arm) => ({ ret: bootPci(arm) }),
);
