// SPDX-License-Identifier: GPL-2.0-only
import { has } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { assignVpci } from '../vpci/assign.ts';
import { tearDownVpci } from '../vpci/tear-down.ts';
import { crash } from '../xen/domains.ts';
import { findDevice } from '../xen/look-up.ts';
import { MSIX_CONTROL, MSIX_MASK_ALL, msixPosition } from '../xen/msi.ts';
import type { Domain, PciDev, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { iommuAssign, iommuAssignPhantoms } from './iommu.ts';

/** -ENODEV for a device Xen does not know, -EBUSY for one that is neither hwdom's nor quarantined (device_assigned). */
export const checkAssignable = (world: World, sbdf: Sbdf): number => {
  const dev = world.devices.get(sbdf);
  if (dev === undefined) {
    applyRule(world, 'assign.unknown', { sbdf });
    return -ERRNO.ENODEV;
  }
  if (dev.domain !== world.hwdom && dev.domain !== world.domIo) {
    applyRule(world, 'assign.owned-by-other', { sbdf });
    return -ERRNO.EBUSY;
  }
  return 0;
};

/** pdev_msix_assign: -EBUSY for a device that still has all its MSI-X vectors masked; else Xen forgets who masked them. */
const checkMsixState = (world: World, dev: PciDev): number => {
  if (dev.msixEntries === 0) return 0;
  const control = world.hw.read(dev.sbdf, msixPosition(world, dev) + MSIX_CONTROL, 2);
  if (!has(control, MSIX_MASK_ALL)) {
    dev.msixHostMasked = false;
    dev.msixGuestMasked = false;
    return 0;
  }
  applyRule(world, 'assign.msix-masked', { sbdf: dev.sbdf });
  return -ERRNO.EBUSY;
};

const vpciFollowsOwner = (world: World): boolean => world.behaviours.vpciOnOwnerChange === 'rebuilt';

/** Steps of assign_device up to the IOMMU. Answers 0 or a negated errno. */
const prepare = (world: World, dev: PciDev, target: Domain): number => {
  if (dev.broken && target !== world.hwdom && target !== world.domIo) {
    applyRule(world, 'assign.broken', { sbdf: dev.sbdf });
    return -ERRNO.EBADF;
  }
  if (vpciFollowsOwner(world)) tearDownVpci(world, dev);
  return checkMsixState(world, dev);
};

/**
 * Gives a device to a domain (XEN_DOMCTL_assign_device; assign_device). Once the device's own function is assigned and it
 * is the turn of phantom functions, a failure is rolled back, also one of what comes after them; if that fails too, the
 * device is broken and the domain is crashed. Answers 0 or a negated errno.
 */
export const assignDevice = (world: World, target: Domain, sbdf: Sbdf): number => {
  if (!world.options.iommu) return 0;
  const dev = world.devices.get(sbdf);
  if (dev === undefined) return -ERRNO.ENODEV;
  let ret = prepare(world, dev, target);
  if (ret !== 0) return ret;
  ret = iommuAssign(world, dev, target);
  const isRolledBack = ret === 0 && dev.phantomStride !== 0;
  if (ret === 0) ret = iommuAssignPhantoms(world, dev, target);
  if (ret === 0 && vpciFollowsOwner(world)) ret = assignVpci(world, dev);
  if (ret === 0) {
    if (target === world.domIo) dev.quarantine = true;
    return 0;
  }
  if (isRolledBack) applyRule(world, 'assign.rolled-back', { sbdf });
  if (isRolledBack && deassignDevice(world, target, sbdf) !== 0) {
    dev.broken = true;
    applyRule(world, 'assign.rollback-failed', { sbdf });
    if (!target.isHwdom && target !== world.domIo) crash(world, target);
  }
  return ret;
};

/**
 * Takes a device from a domain (XEN_DOMCTL_deassign_device; deassign_device): to DomIO where devices are quarantined,
 * else to hwdom. Answers 0 or a negated errno.
 */
export const deassignDevice = (world: World, from: Domain, sbdf: Sbdf): number => {
  if (!world.options.iommu) return -ERRNO.EINVAL;
  const dev = findDevice(world, from, sbdf);
  if (dev === undefined) {
    applyRule(world, 'deassign.not-owned', { sbdf, domain: from.name });
    return -ERRNO.ENODEV;
  }
  const toQuarantine = (dev.quarantine || world.options.quarantine) && dev.domain !== world.domIo;
  const target = toQuarantine ? world.domIo : world.hwdom;
  if (toQuarantine) applyRule(world, 'deassign.quarantined', { sbdf });
  let ret = iommuAssignPhantoms(world, dev, target);
  if (ret !== 0) return ret;
  if (vpciFollowsOwner(world)) tearDownVpci(world, dev);
  ret = iommuAssign(world, dev, target);
  if (ret !== 0) return ret;
  if (dev.domain === world.hwdom) dev.quarantine = false;
  return vpciFollowsOwner(world) ? assignVpci(world, dev) : 0;
};

/**
 * Takes all devices of a dying domain (pci_release_devices). A device that cannot be taken stays; whether the first or
 * the last failure is answered depends on the release.
 */
export const releaseDevices = (world: World, domain: Domain): number => {
  let answer = 0;
  const failed: PciDev[] = [];
  const keepsLast = world.behaviours.releaseOfDevices === 'last-failure';
  for (const dev of [...domain.devices]) {
    const ret = deassignDevice(world, domain, dev.sbdf);
    if (ret === 0) continue;
    if (dev.listedOn === domain) failed.push(dev);
    applyRule(world, 'release.device-stays', { sbdf: dev.sbdf, domain: domain.name });
    if (answer === 0 || keepsLast) answer = ret;
  }
  if (!keepsLast) domain.devices.splice(0, domain.devices.length, ...failed);
  return answer;
};
