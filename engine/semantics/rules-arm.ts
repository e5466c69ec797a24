// SPDX-License-Identifier: GPL-2.0-only
import type { Rule } from './rule.ts';

const ACCESS = 'xen/arch/arm/pci/pci-access.c';
const COMMON = 'xen/arch/arm/pci/pci-host-common.c';
const DEVICE = 'xen/arch/arm/device.c';
const DEVICE_TREE = 'xen/common/device-tree/device-tree.c';
const IO = 'xen/arch/arm/io.c';
const PHYSDEV = 'xen/drivers/pci/physdev.c';

const rule = (says: string, file: string, fn: string): Rule => ({ says, where: `${file}: ${fn}` });

/** Rules of PCI host bridges on Arm. */
export const ARM_RULES = {
  'arm.bad-address': rule(
    'a register at 2^64-1, which is how a failed translation is told: -EINVAL',
    DEVICE_TREE,
    'dt_device_get_address',
  ),
  'arm.bar-outside-windows': rule(
    'the BAR is not inside one window of its host bridge: it may not be mapped',
    COMMON,
    'pci_check_bar',
  ),
  'arm.bar-without-length': rule(
    'the check takes first bytes of frames: a BAR of one page has no length',
    COMMON,
    'pci_check_bar',
  ),
  'arm.booted-with-acpi': rule(
    'host bridges are found in a device tree only: -EOPNOTSUPP',
    'xen/arch/arm/pci/pci.c',
    'acpi_pci_init',
  ),
  'arm.bridge-left-to-vpci': rule(
    "the host bridge's registers and windows stay out of dom0's p2m",
    DEVICE,
    'handle_device',
  ),
  'arm.config-window-missing': rule(
    'a bridge cannot be set up: the error is returned, and the bridges after it are not probed',
    'xen/arch/arm/pci/pci.c',
    'dt_pci_init',
  ),
  'arm.mixed-segments': rule(
    'bridges with and without linux,pci-domain: this one gets segment 0xffff',
    COMMON,
    'pci_bus_find_domain_nr',
  ),
  'arm.misaligned-access': rule(
    'a misaligned access is aborted',
    'xen/arch/arm/vpci.c',
    'vpci_mmio_read, vpci_mmio_write',
  ),
  'arm.no-bridge-for-bus': rule('no host bridge has the bus: reads 0, writes are dropped', ACCESS, 'pci_config_read'),
  'arm.not-trapped': rule('nothing handles the address: the guest gets a data abort', IO, 'try_handle_mmio'),
  'arm.other-memory-there': rule(
    'memory with another frame is there: -EILSEQ, and nothing changes',
    'xen/arch/arm/mmu/p2m.c',
    'p2m_remove_mapping',
  ),
  'arm.pci-not-enabled': rule('PCI is not in use: -EOPNOTSUPP', PHYSDEV, 'pci_physdev_op'),
  'arm.physdev-unknown': rule('Arm has no such physdev operation: -ENOSYS', PHYSDEV, 'pci_physdev_op'),
  'arm.range-beyond-address-space': rule('the range does not fit 64 bits: -ERANGE', DEVICE, 'map_range_to_domain'),
  'arm.reset-flags-unknown': rule('flags beyond the reset type: -EINVAL', PHYSDEV, 'pci_physdev_op'),
  'arm.too-many-frames': rule('more than 64 frames in one call: -E2BIG', 'xen/common/domctl.c', 'do_domctl'),
  'arm.untrapped-ignored': rule(
    'the domain does not trap unmapped accesses: all ones are read, writes are dropped',
    IO,
    'try_handle_mmio',
  ),
  'undefined.designware-unit-not-mapped': rule(
    'the address translation unit is programmed though it was never mapped',
    'xen/arch/arm/pci/pci-designware.c',
    'dw_pcie_writel_ob_unroll',
  ),
  'undefined.mixed-pci-domains': rule(
    'BUG(): bridges with and without linux,pci-domain',
    COMMON,
    'pci_bus_find_domain_nr',
  ),
  'undefined.rcar-error-pointer': rule(
    'an error in the shape of a pointer is dereferenced',
    'xen/arch/arm/pci/pci-host-rcar4.c',
    'pci_host_rcar4_probe',
  ),
} as const satisfies Readonly<Record<string, Rule>>;
