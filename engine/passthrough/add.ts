// SPDX-License-Identifier: GPL-2.0-only
import { EXTENDED_CAPABILITY } from '../machine/capability-ids.ts';
import { BASE_ADDRESS_IO } from '../machine/header-registers.ts';
import { and, has, or } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { assignVpci } from '../vpci/assign.ts';
import { tearDownVpci } from '../vpci/tear-down.ts';
import { findExtendedCapability } from '../xen/capability.ts';
import { linkVf, listDevice, unlistDevice } from '../xen/look-up.ts';
import { sizeMemoryBar } from '../xen/size-bar.ts';
import type { PciDev, World } from '../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../xen/trail.ts';
import { checkDevice, forgetDevice, knownDevice } from './discover.ts';
import { hasIommu, iommuAdd } from './iommu.ts';

/** What the caller tells about a device (struct pci_dev_info). */
export interface DeviceInfo {
  readonly virtfn: boolean;
  readonly extfn: boolean;
  /** The PF, of a VF. */
  readonly physfn: Sbdf | undefined;
}

/** SR-IOV capability (SR-IOV 1.1, 3.3): control with VF Enable and VF MSE, VF BARs. */
const SRIOV_CONTROL = 0x08;
const SRIOV_VF_ENABLE = 0x1;
const SRIOV_VF_MEMORY_SPACE = 0x8;
const SRIOV_BARS = 0x24;
const SRIOV_BAR_COUNT = 6;

/** Sizes a PF's VF BARs, which needs VFs to be off. */
const sizeVfBars = (world: World, dev: PciDev): void => {
  const position = findExtendedCapability(world, dev, EXTENDED_CAPABILITY.sriov);
  const control = world.hw.read(dev.sbdf, position + SRIOV_CONTROL, 2);
  if (position === 0) return;
  if (has(control, or(SRIOV_VF_ENABLE, SRIOV_VF_MEMORY_SPACE))) {
    applyRule(world, 'sriov.vfs-already-enabled', { sbdf: dev.sbdf });
    return;
  }
  for (let index = 0; index < SRIOV_BAR_COUNT; ) {
    const reg = position + SRIOV_BARS + index * 4;
    if (has(world.hw.read(dev.sbdf, reg, 4), BASE_ADDRESS_IO)) {
      if (world.behaviours.sriovIoBar === 'endless-loop') {
        leaveDefinedBehaviour(world, 'undefined.sriov-io-bar-loop', { sbdf: dev.sbdf });
        return;
      }
      applyRule(world, 'sriov.io-bar-skipped', { sbdf: dev.sbdf });
      index++;
      continue;
    }
    const sized = sizeMemoryBar(world, dev.sbdf, reg, index === SRIOV_BAR_COUNT - 1 ? 'last' : 'bar');
    dev.vfBarSizes[index] = sized.sizeBytes;
    index += sized.slots;
  }
};

/** Links VFs again that a PF left behind when it went: it is back. */
const reattachVfs = (world: World, pf: PciDev): void => {
  for (const vf of world.devices.values()) {
    if (vf.lostPf !== pf.sbdf) continue;
    applyRule(world, 'vf.re-attached', { sbdf: vf.sbdf });
    vf.lostPf = undefined;
    vf.broken = false;
    vf.pf = pf;
    vf.extfn = pf.extfn;
    linkVf(world, pf, vf);
  }
};

const sharesMemory = (world: World): boolean => world.behaviours.pfPointer !== 'none';

const hasVfBarSizes = (world: World, dev: PciDev): boolean => sharesMemory(world) && dev.vfBarSizes[0] !== 0n;

/** Whether VF BARs are still to be sized; a link to a PF counts as a size where both share memory. */
const needsVfBarSizes = (world: World, dev: PciDev): boolean => {
  if (dev.virtfn || dev.vfBarSizes[0] !== 0n) return false;
  if (dev.pf === undefined || !sharesMemory(world)) return true;
  applyRule(world, 'sriov.pf-taken-for-size', { sbdf: dev.sbdf });
  return false;
};

/** Links a VF to its PF, or finds that there is none. Answers 0 or a negated errno; then the VF is forgotten. */
const attachToPf = (world: World, dev: PciDev, physfn: Sbdf): number => {
  let pf = world.devices.get(physfn);
  if (pf === undefined) {
    let ret = -ERRNO.ENODEV;
    if (world.behaviours.vfBeforePf === 'pf-added') {
      applyRule(world, 'vf.pf-added-implicitly', { sbdf: physfn });
      ret = addDevice(world, physfn, undefined);
    } else applyRule(world, 'vf.pf-unknown', { sbdf: dev.sbdf });
    pf = world.devices.get(physfn);
    if (ret !== 0 || pf === undefined) {
      forgetDevice(world, dev);
      return ret;
    }
  }
  if (hasVfBarSizes(world, dev)) {
    // What Xen takes for the link to a PF is the size of a VF BAR: it links nothing, and later follows it.
    applyRule(world, 'vf.size-taken-for-pf', { sbdf: dev.sbdf });
    dev.pfIsStray = true;
  } else if (dev.pf === undefined || world.behaviours.vfLink === 'on-each-add') {
    dev.pf = pf;
    dev.extfn = pf.extfn;
    linkVf(world, pf, dev);
  }
  return 0;
};

/** What a VF takes from its PF before the device itself is looked at, in releases without links. */
const extfnOfPf = (world: World, physfn: Sbdf): boolean => {
  const pf = world.devices.get(physfn);
  if (pf !== undefined) return pf.extfn;
  applyRule(world, 'vf.pf-added-implicitly', { sbdf: physfn });
  addDevice(world, physfn, undefined);
  return false;
};

/** Takes down what the caller tells about a device. Answers 0 or a negated errno. */
const adoptInfo = (world: World, dev: PciDev, info: DeviceInfo, extfnFromPf: boolean | undefined): number => {
  dev.virtfn = info.virtfn;
  dev.extfn = extfnFromPf ?? info.extfn;
  dev.physfn = info.physfn;
  if (!info.virtfn || info.physfn === undefined) return 0;
  return extfnFromPf === undefined ? attachToPf(world, dev, info.physfn) : 0;
};

/** Gives an unowned device to hwdom: vPCI first, then the IOMMU. A failure leaves it known and unowned. */
const giveToHwdom = (world: World, dev: PciDev): number => {
  dev.domain = world.hwdom;
  listDevice(world.hwdom, dev);
  let ret = assignVpci(world, dev);
  if (ret === 0) {
    ret = iommuAdd(world, dev);
    if (ret !== 0) tearDownVpci(world, dev);
  }
  if (ret !== 0) {
    applyRule(world, 'add.left-without-owner', { sbdf: dev.sbdf });
    unlistDevice(dev);
    dev.domain = undefined;
  }
  return ret;
};

/** ACS extended capability (PCIe 6.0, 7.7.11): what Xen turns on of what the device has. */
const ACS_CAPABILITY = 4;
const ACS_CONTROL = 6;
const ACS_WANTED = 0x1d;

const enableAcs = (world: World, dev: PciDev): void => {
  if (!hasIommu(world, dev)) return;
  const position = findExtendedCapability(world, dev, EXTENDED_CAPABILITY.acs);
  if (position === 0) return;
  const capability = world.hw.read(dev.sbdf, position + ACS_CAPABILITY, 2);
  const control = world.hw.read(dev.sbdf, position + ACS_CONTROL, 2);
  world.hw.write(dev.sbdf, position + ACS_CONTROL, 2, or(control, and(capability, ACS_WANTED)));
};

/**
 * Tells Xen of a device (pci_add_device). One it knows is only enabled again. Answers 0 or a negated errno.
 * `info` undefined: a plain device (PHYSDEVOP_manage_pci_add).
 */
export const addDevice = (world: World, sbdf: Sbdf, info: DeviceInfo | undefined): number => {
  const isVf = info?.virtfn === true && info.physfn !== undefined;
  const takesExtfnFirst = isVf && world.behaviours.vfBeforePf === 'pf-added-failure-ignored';
  const extfnFromPf = takesExtfnFirst && info.physfn !== undefined ? extfnOfPf(world, info.physfn) : undefined;
  const dev = knownDevice(world, sbdf);
  if (info !== undefined) {
    const ret = adoptInfo(world, dev, info, extfnFromPf);
    if (ret !== 0) return ret;
  }
  dev.goesWithLastVf = false;
  if (world.behaviours.staleVfs === 're-attached' && !dev.virtfn) reattachVfs(world, dev);
  if (needsVfBarSizes(world, dev)) sizeVfBars(world, dev);
  checkDevice(world, dev);
  if (dev.domain === undefined) {
    const ret = giveToHwdom(world, dev);
    if (ret !== 0) return ret;
  } else applyRule(world, 'add.already-owned', { sbdf });
  enableAcs(world, dev);
  return 0;
};
