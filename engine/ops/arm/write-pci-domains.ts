// SPDX-License-Identifier: GPL-2.0-only
import { writePciDomains } from '../../arm/pci-domains.ts';
import { armOperation } from './operation.ts';

export const writePciDomainsOp = armOperation(
  {
    name: 'arm.write_pci_domains',
    summary: "linux,pci-domain is written into dom0's device tree",
    source: 'xen/arch/arm/domain_build.c: handle_linux_pci_domain',
    fields: {},
  },
  (arm) => {
    writePciDomains(arm);
    return {};
  },
);
