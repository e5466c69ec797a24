// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { assignVpci } from '../vpci/assign.ts';
import { tearDownVpci } from '../vpci/tear-down.ts';
import { unlinkVf, unlistDevice, walkVfList } from '../xen/look-up.ts';
import { turnMsiOff } from '../xen/msi.ts';
import type { PciDev, World } from '../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../xen/trail.ts';
import { forgetDevice } from './discover.ts';
import { iommuRemove } from './iommu.ts';

const forget = (world: World, dev: PciDev): number => {
  turnMsiOff(world, dev);
  const ret = dev.domain === undefined ? -ERRNO.EINVAL : iommuRemove(world, dev);
  if (dev.domain === undefined) applyRule(world, 'remove.without-owner', { sbdf: dev.sbdf });
  unlistDevice(dev);
  forgetDevice(world, dev);
  return ret;
};

/** Takes a device down and forgets it. */
const takeDown = (world: World, dev: PciDev): number => {
  if (dev.domain === undefined && world.behaviours.ownerlessRemoval === 'null-dereference') {
    leaveDefinedBehaviour(world, 'undefined.no-owner', { sbdf: dev.sbdf });
    return 0;
  }
  if (dev.domain !== undefined) tearDownVpci(world, dev);
  return forget(world, dev);
};

/** Makes Xen forget a device, and its PF too if only the device has kept it. Answers as the device's removal does. */
const removeOne = (world: World, dev: PciDev): number => {
  const { pf } = dev;
  const ret = takeDown(world, dev);
  if (dev.virtfn && pf?.goesWithLastVf === true && walkVfList(world, pf).devices.length === 0) {
    applyRule(world, 'remove.pf-with-last-vf', { sbdf: pf.sbdf });
    takeDown(world, pf);
  }
  return ret;
};

/** VFs first, then their PF. Answers as the PF's removal does. */
const removeAll = (world: World, pf: PciDev, vfs: readonly PciDev[]): number => {
  for (const vf of vfs) {
    applyRule(world, 'remove.vf-with-pf', { sbdf: vf.sbdf });
    removeOne(world, vf);
  }
  return removeOne(world, pf);
};

/** A PF with VFs on its list stays, and is marked broken with them. Answers -EBUSY. */
const refuseForVfs = (world: World, pf: PciDev, vfs: readonly PciDev[]): number => {
  for (const vf of vfs) vf.broken = true;
  pf.broken = true;
  applyRule(world, 'remove.pf-has-vfs', { sbdf: pf.sbdf });
  return -ERRNO.EBUSY;
};

/** A PF goes; its VFs stay, unlinked and broken. */
const leaveVfsBehind = (world: World, { sbdf }: PciDev, vfs: readonly PciDev[]): void => {
  for (const vf of vfs) {
    unlinkVf(world, vf);
    vf.pf = undefined;
    vf.lostPf = sbdf;
    vf.broken = true;
    applyRule(world, 'remove.vf-left-behind', { sbdf: vf.sbdf });
  }
};

/** Whether the caller may remove each VF: those that a guest has been given are not its own. */
const mayRemove = (world: World, vfs: readonly PciDev[]): boolean =>
  vfs.every(({ domain }) => domain === undefined || domain === world.hwdom || domain === world.domXen);

/** A PF with VFs on its list, sound or not, stays as it is. */
const removeUnlessBusy = (world: World, pf: PciDev): number => {
  if (pf.vfNext === pf) return removeOne(world, pf);
  applyRule(world, 'remove.pf-busy', { sbdf: pf.sbdf });
  return -ERRNO.EBUSY;
};

/** Removes a device, or what becomes of one that is a PF with VFs on its list. Answers 0 or a negated errno. */
const removeWithVfs = (world: World, pf: PciDev): number => {
  const { pfRemovalWithVfs } = world.behaviours;
  if (pfRemovalWithVfs === 'pf-goes' || pf.virtfn) return removeOne(world, pf);
  if (pfRemovalWithVfs === 'busy') return removeUnlessBusy(world, pf);
  const { devices: vfs, isSound } = walkVfList(world, pf);
  if (!isSound) leaveDefinedBehaviour(world, 'undefined.vf-list-corrupt', { sbdf: pf.sbdf });
  if (!isSound || vfs.length === 0) return removeOne(world, pf);
  switch (pfRemovalWithVfs) {
    case 'goes-with-last-vf':
      applyRule(world, 'remove.pf-kept-by-vfs', { sbdf: pf.sbdf });
      pf.goesWithLastVf = true;
      return 0;
    case 'busy-and-broken':
      return refuseForVfs(world, pf, vfs);
    case 'pf-goes-vfs-unlinked-and-broken':
      leaveVfsBehind(world, pf, vfs);
      return removeOne(world, pf);
    case 'pf-goes-with-error':
      leaveVfsBehind(world, pf, vfs);
      removeOne(world, pf);
      return -ERRNO.EBUSY;
    case 'all-go-if-permitted':
      if (!mayRemove(world, vfs)) {
        applyRule(world, 'remove.vf-not-permitted', { sbdf: pf.sbdf });
        return -ERRNO.EPERM;
      }
      return removeAll(world, pf, vfs);
    case 'all-go':
      return removeAll(world, pf, vfs);
    case 'all-go-with-error':
      removeAll(world, pf, vfs);
      return -ERRNO.EBUSY;
  }
};

/**
 * Makes Xen forget a device (pci_remove_device). It goes even where the answer is an error of the IOMMU. Answers 0 or
 * a negated errno.
 */
export const removeDevice = (world: World, sbdf: Sbdf): number => {
  const dev = world.devices.get(sbdf);
  if (dev === undefined || dev.goesWithLastVf) {
    applyRule(world, 'remove.unknown', { sbdf });
    return -ERRNO.ENODEV;
  }
  return removeWithVfs(world, dev);
};

/** Tells Xen that a device was reset: its vPCI is made anew (PHYSDEVOP_pci_device_reset). */
export const resetDevice = (world: World, sbdf: Sbdf): number => {
  const dev = world.devices.get(sbdf);
  if (dev === undefined) {
    applyRule(world, 'reset.unknown', { sbdf });
    return -ERRNO.ENODEV;
  }
  if (dev.domain === undefined) {
    leaveDefinedBehaviour(world, 'undefined.no-owner', { sbdf });
    return 0;
  }
  tearDownVpci(world, dev);
  return assignVpci(world, dev);
};
