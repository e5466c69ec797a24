// SPDX-License-Identifier: GPL-2.0-only
import { EXTENDED_CAPABILITY } from '../machine/capability-ids.ts';
import { BASE_ADDRESS_0, COMMAND, COMMAND_MEMORY, HEADER_TYPE } from '../machine/header-registers.ts';
import { and, has, or, without } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { findExtendedCapability } from '../xen/capability.ts';
import { denyUnprivileged } from '../xen/domains.ts';
import {
  MSIX_CONTROL,
  MSIX_ENABLE,
  MSIX_MASK_ALL,
  MSIX_PBA_OFFSET,
  MSIX_TABLE_OFFSET,
  msixPosition,
} from '../xen/msi.ts';
import type { PciDev, World } from '../xen/state.ts';
import { applyRule, leaveDefinedBehaviour, refuse } from '../xen/trail.ts';

const BIR_MASK = 0x7;
/** BARs by header type: device, bridge, CardBus. */
const BARS_BY_HEADER = [6, 2, 1];

/** SR-IOV capability (SR-IOV 1.1, 3.3). */
const SRIOV = { control: 0x08, numVfs: 0x10, firstVfOffset: 0x14, vfStride: 0x16, bars: 0x24 } as const;
const SRIOV_MEMORY_ENABLED = 0x9;
const SRIOV_BARS = 6;

/** Byte address that a BAR register holds, moved on by `distance`; 0 for one that is no memory BAR. */
const addressIn = (world: World, sbdf: Sbdf, base: number, bir: number, limit: number, distance = 0n): bigint => {
  if (bir >= limit) return 0n;
  const low = world.hw.read(sbdf, base + bir * 4, 4);
  if (has(low, 1)) return 0n;
  const address = BigInt(without(low, 0xf)) + distance;
  if (and(low, 0x6) !== 0x4) return address;
  if (bir + 1 >= limit) return 0n;
  return address + BigInt(world.hw.read(sbdf, base + (bir + 1) * 4, 4)) * 2n ** 32n;
};

/** What of a PF tells where the BARs of its VFs are. `sizes`: undefined for one that is not there. */
interface PfView extends Pick<PciDev, 'sbdf' | 'extendedConfig'> {
  readonly sizes: readonly bigint[] | undefined;
}

/** The PF that a VF is linked to, or that the caller named with it. */
const pfOf = (world: World, vf: PciDev): PfView => {
  const { msixPf } = world.behaviours;
  const named = vf.physfn ?? vf.sbdf;
  const pf = msixPf === 'as-named' ? world.devices.get(named) : vf.pf;
  const sbdf = msixPf === 'by-link' && pf !== undefined ? pf.sbdf : named;
  return { sbdf, extendedConfig: pf?.extendedConfig ?? false, sizes: pf?.vfBarSizes };
};

const leaveWithoutPf = (world: World, { sbdf }: PciDev): void =>
  leaveDefinedBehaviour(world, 'undefined.vf-without-pf', { sbdf });

/** Byte address of a VF's BAR, which only its PF knows; 0 if it is not decoded. */
const vfBarAddress = (world: World, vf: PciDev, bir: number): bigint => {
  const pf = pfOf(world, vf);
  const { sbdf, sizes } = pf;
  const { msixPf } = world.behaviours;
  if (sizes === undefined && msixPf === 'by-link') leaveWithoutPf(world, vf);
  const at = findExtendedCapability(world, pf, EXTENDED_CAPABILITY.sriov);
  const read = (offset: number): number => world.hw.read(sbdf, at + offset, 2);
  const control = read(SRIOV.control);
  const [numVfs, offset, stride] = [read(SRIOV.numVfs), read(SRIOV.firstVfOffset), read(SRIOV.vfStride)];
  if (at === 0 || and(control, SRIOV_MEMORY_ENABLED) !== SRIOV_MEMORY_ENABLED || bir >= SRIOV_BARS) return 0n;
  if (numVfs === 0 || offset === 0 || (numVfs > 1 && stride === 0)) return 0n;
  if (sizes === undefined && msixPf === 'sizes-by-link') leaveWithoutPf(world, vf);
  const size = sizes?.[bir] ?? 0n;
  if (size === 0n) return 0n;
  const distance = vf.sbdf - sbdf - offset;
  if (distance < 0 || (stride !== 0 && distance % stride !== 0)) return 0n;
  const index = stride === 0 ? distance : distance / stride;
  return index < numVfs ? addressIn(world, sbdf, at + SRIOV.bars, bir, SRIOV_BARS, BigInt(index) * size) : 0n;
};

/** read_pci_mem_bar: where the BAR is that holds the MSI-X table. */
const tableBarAddress = (world: World, dev: PciDev, bir: number): bigint => {
  if (dev.virtfn) return vfBarAddress(world, dev, bir);
  const limit = BARS_BY_HEADER[and(world.hw.read(dev.sbdf, HEADER_TYPE, 1), 0x7f)] ?? 0;
  return addressIn(world, dev.sbdf, BASE_ADDRESS_0, bir, limit);
};

/** The device with MSI-X that a call is about, with so many entries in use; a number is its answer. */
const withMsix = (world: World, sbdf: Sbdf, usedEntries: 0 | 1): PciDev | number => {
  const dev = world.devices.get(sbdf);
  if (dev === undefined) return refuse(world, 'hypercall.device-unknown', -ERRNO.ENODEV, { sbdf });
  if (dev.msixEntries === 0) {
    leaveDefinedBehaviour(world, 'undefined.no-msix', { sbdf });
    return 0;
  }
  if (dev.msixUsedEntries !== usedEntries) {
    applyRule(world, 'msix.already-so', { sbdf });
    return -ERRNO.EBUSY;
  }
  return dev;
};

/**
 * Sets a device's MSI-X up for use by another domain: locates the table, leaves MSI-X disabled (pci_prepare_msix,
 * msix_capability_init). A table that is not decoded leaves all vectors masked by Xen. Answers 0, -EBUSY when it is
 * already or vectors are bound, -ENXIO without decoded table, or -ENODEV.
 */
export const prepareMsix = (world: World, sbdf: Sbdf): number => {
  const dev = withMsix(world, sbdf, 0);
  if (typeof dev === 'number') return dev;
  const { hw } = world;
  const position = msixPosition(world, dev);
  if (position === 0) {
    applyRule(world, 'msix.capability-gone', { sbdf });
    return -ERRNO.ENODEV;
  }
  const reg = position + MSIX_CONTROL;
  const control = hw.read(sbdf, reg, 2);
  dev.msixHostMasked = true;
  hw.write(sbdf, reg, 2, or(control, MSIX_ENABLE + MSIX_MASK_ALL));
  const decoder = dev.virtfn ? (dev.physfn ?? sbdf) : sbdf;
  const isDecoded = has(hw.read(decoder, COMMAND, 2), COMMAND_MEMORY);
  const bir = isDecoded ? and(hw.read(sbdf, position + MSIX_TABLE_OFFSET, 4), BIR_MASK) : 0;
  if (!isDecoded || tableBarAddress(world, dev, bir) === 0n) {
    hw.write(sbdf, reg, 2, without(control, MSIX_ENABLE));
    applyRule(world, 'msix.table-not-decoded', { sbdf });
    return -ERRNO.ENXIO;
  }
  const pendingBits = hw.read(sbdf, position + MSIX_PBA_OFFSET, 4);
  tableBarAddress(world, dev, and(pendingBits, BIR_MASK));
  dev.msixUsedEntries = 1;
  dev.msixHostMasked = false;
  hw.write(sbdf, reg, 2, dev.msixGuestMasked ? or(control, MSIX_MASK_ALL) : without(control, MSIX_MASK_ALL));
  return 0;
};

/** Ends what {@link prepareMsix} began. Answers 0, -EBUSY when nothing did, or -ENODEV. */
export const releaseMsix = (world: World, sbdf: Sbdf): number => {
  const dev = withMsix(world, sbdf, 1);
  if (typeof dev === 'number') return dev;
  dev.msixUsedEntries = 0;
  return 0;
};

/** pci_restore_msi_state for a device whose vectors vPCI manages: there is nothing to restore. */
export const restoreMsi = (world: World, sbdf: Sbdf): number =>
  world.devices.has(sbdf)
    ? denyUnprivileged(world)
    : refuse(world, 'hypercall.device-unknown', -ERRNO.ENODEV, { sbdf });
