// SPDX-License-Identifier: GPL-2.0-only

import type { Rule } from './rule.ts';
import { ARM_RULES } from './rules-arm.ts';
import { ARM_DRAFT_RULES } from './rules-arm-draft.ts';
import { GRANT_RULES } from './rules-grants.ts';
import { HYPERCALL_RULES } from './rules-hypercalls.ts';
import { PHYSMAP_RULES } from './rules-physmap.ts';
import { UNDEFINED_RULES } from './rules-undefined.ts';

const HEADER = 'drivers/vpci/header.c';
const VPCI = 'drivers/vpci/vpci.c';
const MSI = 'drivers/vpci/msi.c';
const MSIX = 'drivers/vpci/msix.c';
const CAP = 'drivers/vpci/cap.c';
const REBAR = 'drivers/vpci/rebar.c';
const PASSTHROUGH = 'drivers/passthrough/pci.c';
const P2M = 'arch/x86/mm/p2m.c';

const rule = (says: string, file: string, fn: string): Rule => ({ says, where: `xen/${file}: ${fn}` });

/** Rules of PCI, vPCI and the p2m on x86. */
const XEN_RULES = {
  'add.already-owned': rule('a device that has an owner is only enabled again', PASSTHROUGH, 'pci_add_device'),
  'add.left-without-owner': rule(
    'vPCI or IOMMU set-up failed: the device stays known, without owner',
    PASSTHROUGH,
    'pci_add_device',
  ),
  'assign.broken': rule('a broken device is not given to a guest', PASSTHROUGH, 'assign_device'),
  'assign.msix-masked': rule(
    'a device whose MSI-X vectors are all masked has not been reset',
    'arch/x86/msi.c',
    'pci_reset_msix_state',
  ),
  'assign.owned-by-other': rule("only hwdom's and quarantined devices can be assigned", PASSTHROUGH, 'device_assigned'),
  'assign.rollback-failed': rule(
    'what was to be given back could not be: device broken, domain crashed',
    PASSTHROUGH,
    'assign_device',
  ),
  'assign.rolled-back': rule(
    'assigning failed once it was the turn of phantom functions: the device is given back',
    PASSTHROUGH,
    'assign_device',
  ),
  'assign.unknown': rule('Xen does not know the device', PASSTHROUGH, 'device_assigned'),
  'bar.write-of-same-value': rule('the BAR is mapped and already has that value', HEADER, 'bar_write'),
  'bar.write-while-mapped': rule('a mapped BAR cannot be moved: the write is ignored', HEADER, 'bar_write'),
  'boot.earlier-bar-failure-forgotten': rule('at boot only the result of the last BAR counts', HEADER, 'apply_map'),
  'boot.hidden': rule('Xen keeps the device: DomXEN owns it', PASSTHROUGH, 'pci_hide_device'),
  'boot.no-vpci-without-iommu': rule(
    'IOMMU set-up failed: the device stays with hwdom, without vPCI',
    PASSTHROUGH,
    'setup_one_hwdom_device',
  ),
  'capability-list.extended-broken': rule(
    'an extended capability reads as all ones: the list ends there',
    CAP,
    'vpci_init_ext_capability_list',
  ),
  'capability-list.extended-overlap': rule(
    'extended capabilities overlap or loop: the list ends there',
    CAP,
    'vpci_init_ext_capability_list',
  ),
  'capability-list.loop': rule(
    'capabilities overlap or loop: the device gets no vPCI',
    CAP,
    'vpci_init_capability_list',
  ),
  'capability-list.no-extended-space': rule(
    'without extended config space there is no extended list',
    CAP,
    'vpci_init_ext_capability_list',
  ),
  'capability.cannot-be-hidden': rule(
    'the capability is not on the emulated list: the device gets no vPCI',
    CAP,
    'vpci_capability_hide',
  ),
  'capability.hidden': rule('the capability is taken off the emulated list', CAP, 'vpci_capability_hide'),
  'capability.set-up-failed': rule('a capability that cannot be emulated is hidden', CAP, 'vpci_init_capabilities'),
  'deassign.not-owned': rule('the domain does not have the device', PASSTHROUGH, 'deassign_device'),
  'deassign.quarantined': rule('the device goes to DomIO, not to hwdom', PASSTHROUGH, 'deassign_device'),
  'decoding.off': rule('BARs are unmapped: the command register is written', HEADER, 'modify_decoding'),
  'decoding.on': rule('BARs are mapped: the command register is written', HEADER, 'modify_decoding'),
  'domain.crashed': rule('Xen crashes the domain', 'common/domain.c', 'domain_crash'),
  'extended-space.aliased': rule(
    'extended config space mirrors the first 256 bytes: it counts as not there',
    PASSTHROUGH,
    'pci_check_extcfg',
  ),
  'guest.bus-full': rule("all 32 places of the guest's virtual bus are taken", VPCI, 'assign_virtual_sbdf'),
  'guest.function-not-0': rule('only function 0 can be given to a guest', VPCI, 'assign_virtual_sbdf'),
  'guest.intx-forced-off': rule('a guest that enables MSI or MSI-X loses INTx', MSI, 'control_write'),
  'guest.intx-kept-off': rule('INTx stays off while MSI or MSI-X is enabled', HEADER, 'cmd_write'),
  'guest.no-rom': rule('guests see no expansion ROM', HEADER, 'vpci_init_header'),
  'guest.unhandled-bytes': rule(
    'without handler a guest reads all ones and its writes are dropped',
    VPCI,
    'vpci_read_hw, vpci_write_hw',
  ),
  'header.bars-ignored': rule("errata: the device's BARs are not looked at", PASSTHROUGH, 'apply_quirks'),
  'header.unknown-type': rule('neither device nor bridge: no vPCI, -EOPNOTSUPP', HEADER, 'vpci_init_header'),
  'iommu.failure-injected': rule('the trace makes this IOMMU step fail', PASSTHROUGH, 'iommu_call'),
  'iommu.none-for-hidden': rule(
    'what Xen keeps has no IOMMU: no step of it fails, and no access control is turned on',
    PASSTHROUGH,
    'iommu_remove_device, pci_enable_acs',
  ),
  'iomem.caller-without-right': rule(
    'nobody gives or takes a right to frames that it has none to: -EPERM',
    'common/domctl.c',
    'do_domctl',
  ),
  'look-up.absent': rule("a hidden device does not appear on hwdom's bus", VPCI, 'vpci_read'),
  'look-up.stub': rule('a stub stands for a hidden device', VPCI, 'vpci_read'),
  'look-up.hidden': rule("hwdom's access finds a hidden device", VPCI, 'vpci_read, vpci_write'),
  'map.already-so': rule('the BAR is already in the requested state', HEADER, 'modify_bars'),
  'map.bar-over-memory-map': rule(
    'the BAR overlaps the memory map: it is left out',
    'arch/x86/include/asm/pci.h',
    'pci_check_bar',
  ),
  'map.deferred': rule('the p2m changes before the vCPU runs again', HEADER, 'defer_map'),
  'map.failure-ends-vpci': rule(
    'a deferred map failed: decoding goes off and the device loses vPCI',
    HEADER,
    'vpci_process_pending',
  ),
  'map.failure-turns-decoding-off': rule(
    'a deferred map failed: decoding goes off, what is pending is dropped',
    HEADER,
    'vpci_process_pending',
  ),
  'map.memory-map-cut-out': rule(
    'pages in the memory map are left out of the BAR',
    'arch/x86/pci.c',
    'pci_sanitize_bar_memory',
  ),
  'map.msix-hole': rule('pages of MSI-X table and PBA are never mapped', HEADER, 'modify_bars'),
  'map.no-iomem-right': rule('the domain has no right to these frames: -EPERM', HEADER, 'map_range'),
  'map.page-offset-mismatch': rule(
    'guest and host address differ in the page offset: -EINVAL, nothing changes',
    HEADER,
    'modify_bars',
  ),
  'map.pending-dropped': rule(
    'the device has no vPCI or another owner by now: the request is dropped',
    HEADER,
    'vpci_process_pending',
  ),
  'map.preempted': rule('64 operations are done and something else is to run', HEADER, 'map_range'),
  'map.shared-with-enabled-bar': rule(
    'another enabled BAR has these pages: they stay as they are',
    HEADER,
    'modify_bars',
  ),
  'map.shared-within-device': rule(
    "a later BAR of the device has these pages: they are that BAR's",
    HEADER,
    'modify_bars',
  ),
  'mmio.mapped-on-fault': rule(
    'nothing answers hwdom: the page is mapped one to one',
    'arch/x86/hvm/emulate.c',
    'hwdom_fixup_p2m',
  ),
  'msi.re-enabled': rule('the number of vectors changed: MSI is disabled and enabled again', MSI, 'control_write'),
  'msi.vectors-limited': rule('more vectors asked for than the device has', MSI, 'control_write'),
  'msix.already-so': rule(
    'MSI-X is already prepared, or not, or has vectors bound: -EBUSY',
    'arch/x86/msi.c',
    'pci_prepare_msix',
  ),
  'msix.capability-gone': rule(
    'the device shows no MSI-X capability any more: -ENODEV',
    'arch/x86/msi.c',
    'msix_capability_init',
  ),
  'msix.guest-pba-write': rule("a guest's write to the PBA is dropped", MSIX, 'adjacent_write'),
  'msix.hole-blocked': rule('something else is mapped where MSI-X pages are: -EEXIST', MSIX, 'vpci_make_msix_hole'),
  'msix.hole-made': rule('an MSI-X page is taken out of the p2m so that accesses trap', MSIX, 'vpci_make_msix_hole'),
  'msix.misaligned-access': rule('MSI-X tables take aligned accesses of 4 and 8 bytes only', MSIX, 'access_allowed'),
  'msix.no-hole-for-disabled-bar': rule('a BAR that is not enabled needs no hole', MSIX, 'vpci_make_msix_hole'),
  'msix.table-invalid': rule('table or PBA is not inside a memory BAR', MSIX, 'init_msix'),
  'msix.table-not-decoded': rule(
    'memory decoding is off or the BAR is 0: -ENXIO',
    'arch/x86/msi.c',
    'msix_capability_init',
  ),
  'msix.turned-off-at-discovery': rule(
    'MSI-X enable or mask left on by firmware is cleared',
    'drivers/passthrough/msi.c',
    'pdev_msi_init',
  ),
  'p2m.not-replaceable': rule(
    'MMIO, foreign and grant mappings are not replaced: the domain crashes, -EPERM',
    P2M,
    'set_typed_p2m_entry',
  ),
  'p2m.nothing-to-unmap': rule('the frame is not mapped MMIO: -EINVAL', P2M, 'clear_mmio_p2m_entry'),
  'phantom.stride-doubled': rule('a real function is where a phantom one was expected', PASSTHROUGH, 'alloc_pdev'),
  'rebar.no-memory-bar': rule('the control register names no memory BAR: it is left alone', REBAR, 'init_rebar'),
  'rebar.register-taken': rule('the control register overlaps another handler', REBAR, 'init_rebar'),
  'rebar.size-not-supported': rule(
    'the size is not one of those supported: written all the same',
    REBAR,
    'rebar_ctrl_write',
  ),
  'rebar.write-while-mapped': rule('a mapped BAR cannot be resized: the write is ignored', REBAR, 'rebar_ctrl_write'),
  'release.device-stays': rule('the device could not be taken from the domain', PASSTHROUGH, 'pci_release_devices'),
  'remove.pf-has-vfs': rule('a PF with VFs stays: -EBUSY, PF and VFs are broken', PASSTHROUGH, 'pci_remove_device'),
  'remove.pf-busy': rule('a PF with VFs stays, and works on: -EBUSY', PASSTHROUGH, 'pci_remove_device'),
  'remove.pf-kept-by-vfs': rule('a PF with VFs is removed, and kept until they go', PASSTHROUGH, 'pci_remove_device'),
  'remove.pf-with-last-vf': rule(
    'the last VF of a removed PF goes, and the PF with it',
    PASSTHROUGH,
    'pci_remove_device',
  ),
  'remove.unknown': rule('Xen does not know the device: -ENODEV', PASSTHROUGH, 'pci_remove_device'),
  'remove.vf-left-behind': rule('its PF goes: the VF stays, unlinked and broken', PASSTHROUGH, 'pci_remove_device'),
  'remove.vf-not-permitted': rule(
    'the caller may not remove a VF, so its PF stays: -EPERM',
    PASSTHROUGH,
    'pci_remove_device',
  ),
  'remove.vf-with-pf': rule('a VF goes before its PF does', PASSTHROUGH, 'pci_remove_device'),
  'remove.without-owner': rule('nobody owns the device: -EINVAL, and yet it goes', PASSTHROUGH, 'iommu_remove_device'),
  'reset.unknown': rule('Xen does not know the device: -ENODEV', 'drivers/pci/physdev.c', 'pci_physdev_op'),
  'rom.write-while-mapped': rule('a mapped ROM can only be disabled: the write is ignored', HEADER, 'rom_write'),
  'size.64-bit-in-last-slot': rule(
    'a 64-bit BAR in the last slot has no upper half: size 0',
    PASSTHROUGH,
    'pci_size_mem_bar',
  ),
  'sriov.io-bar-skipped': rule('a VF BAR in I/O space is skipped', PASSTHROUGH, 'pci_add_device'),
  'sriov.pf-taken-for-size': rule(
    "a former VF's link to its PF counts as the size of its first VF BAR: none is sized",
    PASSTHROUGH,
    'pci_add_device',
  ),
  'sriov.vfs-already-enabled': rule('with VFs enabled their BARs cannot be sized', PASSTHROUGH, 'pci_add_device'),
  'tear-down.mappings-stay': rule('what is mapped stays in the p2m', VPCI, 'vpci_deassign_device'),
  'tear-down.msix-stays-listed': rule(
    'the capability cannot be found any more: its MSI-X state stays on the list',
    CAP,
    'vpci_cleanup_capabilities',
  ),
  'tear-down.owner-without-vpci': rule(
    'the owner has no vPCI: the state lives on unattended',
    VPCI,
    'vpci_deassign_device',
  ),
  'vf.size-taken-for-pf': rule(
    "a former PF's VF BAR size counts as its link to a PF: it is not linked",
    PASSTHROUGH,
    'pci_add_device',
  ),
  'vf.pf-added-implicitly': rule('a PF that Xen does not know is added first', PASSTHROUGH, 'pci_add_device'),
  'vf.re-attached': rule('a VF that its PF left behind is linked to it again', PASSTHROUGH, 'pci_add_device'),
  'vf.pf-unknown': rule('a VF whose PF Xen does not know is refused: -ENODEV', PASSTHROUGH, 'pci_add_device'),
  'vpci.none-for-read-only': rule('read-only devices get no vPCI', VPCI, 'vpci_assign_device'),
  'vpci.made-read-only': rule('set-up failed: hwdom may only read the device', PASSTHROUGH, 'setup_one_hwdom_device'),
  'vpci.set-up-failed': rule('set-up failed: the device has no vPCI', VPCI, 'vpci_assign_device'),
  'write.read-only-device': rule('writes to a read-only device are dropped', VPCI, 'vpci_write'),
} as const satisfies Readonly<Record<string, Rule>>;

/** Every rule by its stable id: `subject.decision`. */
export const RULES = {
  ...XEN_RULES,
  ...UNDEFINED_RULES,
  ...HYPERCALL_RULES,
  ...ARM_RULES,
  ...ARM_DRAFT_RULES,
  ...GRANT_RULES,
  ...PHYSMAP_RULES,
};

export type RuleId = keyof typeof RULES;
