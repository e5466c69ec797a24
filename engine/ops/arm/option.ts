// SPDX-License-Identifier: GPL-2.0-only
import { lowHalf } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { armOperation } from './operation.ts';

const FLAGS = {
  has_vpci: 'hasVpci',
  'pci-passthrough': 'pciPassthrough',
  iommu: 'iommu',
  acpi: 'acpi',
} as const;

export const option = armOperation(
  {
    name: 'arm.option',
    summary: 'how Xen was built and started, or what vPCI and the bus answer where nothing else is behind them',
    source: 'xen/arch/arm/pci/pci.c: command line',
    fields: {
      name: field.oneOf('has_vpci', 'pci-passthrough', 'iommu', 'acpi', 'vpci_value', 'bus_value'),
      value: field.u64,
    },
  },
  (arm, { name, value }) => {
    if (name === 'vpci_value') arm.answers.vpciValue = value;
    else if (name === 'bus_value') arm.answers.busValue = lowHalf(value);
    else arm.options = { ...arm.options, [FLAGS[name]]: value !== 0n };
    return {};
  },
);
