// SPDX-License-Identifier: GPL-2.0-only
import { without } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { formatSbdf } from '../num/sbdf.ts';
import type { RuleId } from '../semantics/rules.ts';
import { applyRule } from '../xen/trail.ts';
import type { ArmWorld } from './world.ts';
import { isPciEnabled } from './world.ts';

/** Numbers of physdev operations (xen/include/public/physdev.h), those that Arm answers and some that it does not. */
export const PHYSDEVOP = {
  manage_pci_add: 15,
  pci_mmcfg_reserved: 24,
  pci_device_add: 25,
  pci_device_remove: 26,
  prepare_msix: 30,
  pci_device_reset: 32,
} as const;

/** Reset types are two bits: cold, warm, hot, FLR. All do the same. */
const RESET_MASK = 3;

const refuse = (world: ArmWorld, rule: RuleId, sbdf: Sbdf, errno: number): number => {
  applyRule(world, rule, { sbdf });
  return -errno;
};

const add = (world: ArmWorld, sbdf: Sbdf): number => {
  if (!isPciEnabled(world)) return refuse(world, 'arm.pci-not-enabled', sbdf, ERRNO.EOPNOTSUPP);
  world.events.push({ pci_add_device: formatSbdf(sbdf) });
  return world.ports.addDevice(sbdf);
};

const remove = (world: ArmWorld, sbdf: Sbdf): number => {
  if (!isPciEnabled(world)) return refuse(world, 'arm.pci-not-enabled', sbdf, ERRNO.EOPNOTSUPP);
  world.events.push({ pci_remove_device: formatSbdf(sbdf) });
  return world.ports.removeDevice(sbdf);
};

const reset = (world: ArmWorld, sbdf: Sbdf, flags: number): number => {
  const { deviceReset } = world.behaviours;
  if (deviceReset === 'unknown') return refuse(world, 'arm.physdev-unknown', sbdf, ERRNO.ENOSYS);
  if (deviceReset === 'gated' && !isPciEnabled(world))
    return refuse(world, 'arm.pci-not-enabled', sbdf, ERRNO.EOPNOTSUPP);
  if (without(flags, RESET_MASK) !== 0) return refuse(world, 'arm.reset-flags-unknown', sbdf, ERRNO.EINVAL);
  world.events.push({ vpci_reset_device: formatSbdf(sbdf) });
  return world.ports.resetDevice(sbdf);
};

/**
 * A physdev operation of dom0: what the device list answers, -EOPNOTSUPP, -EINVAL or -ENOSYS
 * (xen/drivers/pci/physdev.c, pci_physdev_op).
 */
export const physdevOp = (world: ArmWorld, command: number, sbdf: Sbdf, flags: number): number => {
  switch (command) {
    case PHYSDEVOP.pci_device_add:
      return add(world, sbdf);
    case PHYSDEVOP.pci_device_remove:
      return remove(world, sbdf);
    case PHYSDEVOP.pci_device_reset:
      return reset(world, sbdf, flags);
    default:
      return refuse(world, 'arm.physdev-unknown', sbdf, ERRNO.ENOSYS);
  }
};
