// SPDX-License-Identifier: GPL-2.0-only
import { devfnOf } from '../num/sbdf.ts';
import { listDevice, unlistDevice } from '../xen/look-up.ts';
import type { Domain, PciDev, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { phantomFunctions } from './discover.ts';

/**
 * The IOMMU driver of this model: each step succeeds unless a failure is injected (`model.option`), and an assignment
 * moves the device from one domain's list to the other's, as the drivers of Xen do.
 */

const injected = (world: World, dev: PciDev, failure: number): number => {
  if (failure !== 0) applyRule(world, 'iommu.failure-injected', { sbdf: dev.sbdf });
  return failure;
};

/**
 * Whether a device's owner has an IOMMU (is_iommu_enabled). DomXEN, which owns what Xen hides, is made without
 * (xen/common/domain.c, setup_system_domains).
 */
export const hasIommu = (world: World, { domain, sbdf }: PciDev): boolean => {
  if (!world.options.iommu) return false;
  if (domain !== world.domXen) return true;
  applyRule(world, 'iommu.none-for-hidden', { sbdf });
  return false;
};

/** Sets one of hwdom's devices up at boot, once for each function number it uses. 0 or a negated errno. */
export const iommuSetUp = (world: World, dev: PciDev): number => injected(world, dev, world.options.failSetup);

/** iommu_add_device. A failure for a phantom function is only logged. */
export const iommuAdd = (world: World, dev: PciDev): number =>
  hasIommu(world, dev) ? injected(world, dev, world.options.failAdd) : 0;

/** iommu_remove_device: -EINVAL for a device that nobody owns is the caller's. */
export const iommuRemove = (world: World, dev: PciDev): number =>
  hasIommu(world, dev) ? injected(world, dev, world.options.failRemove) : 0;

/** Assigns one function number; with the device's own number the device moves. 0 or a negated errno. */
const reassign = (world: World, dev: PciDev, target: Domain, devfn: number): number => {
  const ret = injected(world, dev, world.options.failAssign);
  if (ret !== 0) return ret;
  if (devfn === devfnOf(dev.sbdf) && dev.domain !== target) {
    unlistDevice(dev);
    listDevice(target, dev);
    dev.domain = target;
  }
  return 0;
};

/** Assigns the phantom functions of a device, up to the first that fails. 0 or a negated errno. */
export const iommuAssignPhantoms = (world: World, dev: PciDev, target: Domain): number => {
  for (const devfn of phantomFunctions(dev)) {
    const ret = reassign(world, dev, target, devfn);
    if (ret !== 0) return ret;
  }
  return 0;
};

/** Assigns the device's own function number. 0 or a negated errno. */
export const iommuAssign = (world: World, dev: PciDev, target: Domain): number =>
  reassign(world, dev, target, devfnOf(dev.sbdf));
