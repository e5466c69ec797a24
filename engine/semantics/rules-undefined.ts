// SPDX-License-Identifier: GPL-2.0-only
import type { Rule } from './rule.ts';

const HEADER = 'drivers/vpci/header.c';
const MSIX = 'drivers/vpci/msix.c';
const PASSTHROUGH = 'drivers/passthrough/pci.c';
const MSI = 'arch/x86/msi.c';

const rule = (says: string, file: string, fn: string): Rule => ({ says, where: `xen/${file}: ${fn}` });

/** Where Xen's own code leaves defined behaviour: nothing can be said of what follows. */
export const UNDEFINED_RULES = {
  'undefined.bar-wraps': rule('the BAR wraps around the end of the address space', HEADER, 'modify_bars'),
  'undefined.device-without-vpci': rule('the vPCI of a device that has none is looked at', HEADER, 'modify_bars'),
  'undefined.freed-device-listed': rule("a freed device is still on the domain's list", PASSTHROUGH, 'free_pdev'),
  'undefined.msix-of-freed-device': rule(
    'the list of MSI-X tables leads to a device that is freed, or has lost its MSI-X',
    MSIX,
    'msix_find',
  ),
  'undefined.msix-table-wraps': rule(
    'an MSI-X table wraps around the end of the address space',
    'common/rangeset.c',
    'rangeset_remove_range',
  ),
  'undefined.no-msix': rule('the MSI-X state of a device that has none is dereferenced', MSI, 'pci_prepare_msix'),
  'undefined.no-owner': rule(
    'a NULL owner is dereferenced',
    PASSTHROUGH,
    'pci_remove_device; drivers/pci/physdev.c: pci_physdev_op',
  ),
  'undefined.pending-device-gone': rule('the device of a deferred map is gone', HEADER, 'vpci_process_pending'),
  'undefined.sriov-io-bar-loop': rule('a VF BAR in I/O space is looked at for ever', PASSTHROUGH, 'pci_add_device'),
  'undefined.stray-pf': rule('the size of a VF BAR is followed as a pointer', PASSTHROUGH, 'pci_add_device'),
  'undefined.vf-list-corrupt': rule('a device is on two VF lists at once', PASSTHROUGH, 'pci_add_device'),
  'undefined.vf-without-pf': rule('the PF of a VF that is linked to none is looked at', MSI, 'read_pci_mem_bar'),
} as const satisfies Readonly<Record<string, Rule>>;
