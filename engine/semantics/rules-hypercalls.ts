// SPDX-License-Identifier: GPL-2.0-only
import type { Rule } from './rule.ts';

const rule = (says: string, file: string, fn: string): Rule => ({ says, where: `xen/${file}: ${fn}` });

/** Why a hypercall, or a word of the command line, is turned away before anything is done. */
export const HYPERCALL_RULES = {
  'boot.word-refused': rule(
    'a word that the option does not have, or has no room for',
    'drivers/passthrough/pci.c',
    'parse_pci_param, parse_phantom_dev; drivers/passthrough/iommu.c: parse_iommu_param; arch/x86/dom0_build.c: parse_dom0_param',
  ),
  'hypercall.argument-refused': rule(
    'an argument is out of bounds, or does not go with the others: -EINVAL',
    'common/domctl.c',
    'do_domctl; arch/x86/physdev.c: do_physdev_op; drivers/passthrough/pci.c: iommu_do_pci_domctl',
  ),
  'hypercall.device-unknown': rule(
    'Xen knows no such device, or no such segment: -ENODEV',
    'drivers/passthrough/pci.c',
    'pci_get_pdev, pci_segment_iterate',
  ),
  'hypercall.domain-exists': rule('the number is taken: -EEXIST', 'common/domctl.c', 'do_domctl'),
  'hypercall.domain-unknown': rule('there is no such domain: -ESRCH', 'common/domain.c', 'rcu_lock_domain_by_id'),
  'hypercall.not-for-caller': rule(
    'only the control domain may do this: -EPERM',
    'include/xsm/dummy.h',
    'xsm_default_action',
  ),
  'hypercall.operation-unknown': rule(
    'the release does not have this operation, or this part of it: -ENOSYS',
    'drivers/pci/physdev.c',
    'pci_physdev_op',
  ),
  'hypercall.space-unknown': rule(
    'this space is not for this call, or not of x86: -ENOSYS',
    'common/memory.c',
    'do_memory_op; arch/x86/mm/p2m.c: xenmem_add_to_physmap_one',
  ),
  'iommu.off': rule('without IOMMU nothing is assigned', 'drivers/passthrough/iommu.c', 'iommu_do_domctl'),
  'mmcfg.other-address': rule(
    'ACPI has told another address of these buses: -EIO',
    'arch/x86/x86_64/mmconfig-shared.c',
    'pci_mmcfg_reserved',
  ),
  'mmcfg.overlaps-another': rule(
    'another window is trapped there: -EEXIST',
    'arch/x86/hvm/io.c',
    'register_vpci_mmcfg_handler',
  ),
  'mmcfg.unknown-window': rule(
    'ACPI has told of no such window: -ENODEV',
    'arch/x86/x86_64/mmconfig-shared.c',
    'pci_mmcfg_reserved',
  ),
} as const satisfies Readonly<Record<string, Rule>>;
