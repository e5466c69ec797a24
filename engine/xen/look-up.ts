// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';
import type { Domain, PciDev, World } from './state.ts';
import { leaveDefinedBehaviour } from './trail.ts';

/** For whoever is about to walk a domain's list of devices: a freed device on it makes that undefined. */
export const checkDeviceList = (world: World, domain: Domain): void => {
  if (domain.listHasFreed) leaveDefinedBehaviour(world, 'undefined.freed-device-listed', { domain: domain.name });
};

/** pci_get_pdev: hwdom's devices are found among all devices, those of others on their list. */
export const findDevice = (world: World, domain: Domain, sbdf: Sbdf): PciDev | undefined => {
  const dev = world.devices.get(sbdf);
  if (domain.isHwdom) return dev !== undefined && dev.domain === domain ? dev : undefined;
  checkDeviceList(world, domain);
  return dev !== undefined && dev.listedOn === domain ? dev : undefined;
};

/** translate_virtual_device: the device at a place of the guest's virtual bus. */
export const findVirtualDevice = (world: World, domain: Domain, sbdf: Sbdf): PciDev | undefined => {
  checkDeviceList(world, domain);
  return domain.devices.find((dev) => dev.vpci !== undefined && dev.vpci.guestSbdf === sbdf);
};

/** list_add on d->pdev_list. */
export const listDevice = (domain: Domain, dev: PciDev): void => {
  domain.devices.unshift(dev);
  dev.listedOn = domain;
};

/** list_del from whichever d->pdev_list it is on. */
export const unlistDevice = (dev: PciDev): void => {
  const devices = dev.listedOn?.devices;
  const at = devices?.indexOf(dev) ?? -1;
  if (at >= 0) devices?.splice(at, 1);
  dev.listedOn = undefined;
};

/** What is on a circular VF list, beginning after its head. */
export interface VfList {
  readonly devices: readonly PciDev[];
  /** It leads back to its head, and nothing on it was freed. */
  readonly isSound: boolean;
}

/** Walks a VF list; one that does not lead back to its head is given up after some links. */
export const walkVfList = (world: World, head: PciDev): VfList => {
  const devices: PciDev[] = [];
  for (let dev = head.vfNext; dev !== head; dev = dev.vfNext) {
    if (dev === undefined) return { devices, isSound: false };
    devices.push(dev);
    if (dev.freed || devices.length > world.devices.size + 1) return { devices, isSound: false };
  }
  return { devices, isSound: true };
};

/** list_add(&dev->vf_list, &pf->vf_list): to a list whose head was taken out of another one it follows poison. */
export const linkVf = (world: World, pf: PciDev, dev: PciDev): void => {
  const next = pf.vfNext;
  if (next === undefined) leaveDefinedBehaviour(world, 'undefined.vf-list-corrupt', { sbdf: pf.sbdf });
  else next.vfPrevious = dev;
  dev.vfNext = next;
  dev.vfPrevious = pf;
  pf.vfNext = dev;
};

/** list_del(&dev->vf_list): the neighbours close up; doing it twice follows poison. */
export const unlinkVf = (world: World, dev: PciDev): void => {
  const { vfNext: next, vfPrevious: previous } = dev;
  if (next === undefined || previous === undefined) {
    leaveDefinedBehaviour(world, 'undefined.vf-list-corrupt', { sbdf: dev.sbdf });
    return;
  }
  next.vfPrevious = previous;
  previous.vfNext = next;
  dev.vfNext = undefined;
  dev.vfPrevious = undefined;
};
