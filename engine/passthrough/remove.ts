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

/** A PF with VFs on its list stays, and is marked broken with them. Answers -EBUSY. */
const refuseForVfs = (world: World, pf: PciDev, vfs: readonly PciDev[]): number => {
  for (const vf of vfs) vf.broken = true;
  pf.broken = true;
  applyRule(world, 'remove.pf-has-vfs', { sbdf: pf.sbdf });
  return -ERRNO.EBUSY;
};

/** A PF goes; its VFs stay, unlinked and broken. */
const leaveVfsBehind = (world: World, vfs: readonly PciDev[]): void => {
  for (const vf of vfs) {
    unlinkVf(world, vf);
    vf.pf = undefined;
    vf.broken = true;
    applyRule(world, 'remove.vf-left-behind', { sbdf: vf.sbdf });
  }
};

const forget = (world: World, dev: PciDev): number => {
  turnMsiOff(world, dev);
  const ret = dev.domain === undefined ? -ERRNO.EINVAL : iommuRemove(world, dev);
  if (dev.domain === undefined) applyRule(world, 'remove.without-owner', { sbdf: dev.sbdf });
  unlistDevice(dev);
  forgetDevice(world, dev);
  return ret;
};

/**
 * Makes Xen forget a device (pci_remove_device). It goes even where the answer is an error of the IOMMU. Answers 0 or
 * a negated errno.
 */
export const removeDevice = (world: World, sbdf: Sbdf): number => {
  const dev = world.devices.get(sbdf);
  if (dev === undefined) {
    applyRule(world, 'remove.unknown', { sbdf });
    return -ERRNO.ENODEV;
  }
  const { pfRemovalWithVfs } = world.behaviours;
  if (pfRemovalWithVfs !== 'pf-goes' && !dev.virtfn) {
    const { devices: vfs, isSound } = walkVfList(world, dev);
    if (!isSound) leaveDefinedBehaviour(world, 'undefined.vf-list-corrupt', { sbdf });
    else if (pfRemovalWithVfs === 'busy-and-broken' && vfs.length > 0) return refuseForVfs(world, dev, vfs);
    else leaveVfsBehind(world, vfs);
  }
  if (dev.domain === undefined && world.behaviours.ownerlessRemoval === 'null-dereference') {
    leaveDefinedBehaviour(world, 'undefined.no-owner', { sbdf });
    return 0;
  }
  if (dev.domain !== undefined) tearDownVpci(world, dev);
  return forget(world, dev);
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
