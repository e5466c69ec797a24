// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';
import { findCapability } from '../xen/capability.ts';
import type { PciDev, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { setBarEnabled } from './bar.ts';

/** list_del from hwdom's or a guest's list of MSI-X tables. */
export const unlistMsix = (world: World, dev: PciDev): void => {
  const msix = dev.vpci?.msix;
  if (msix === undefined) return;
  for (const { msixTables } of world.domains.values()) {
    const at = msixTables.indexOf(msix);
    if (at >= 0) msixTables.splice(at, 1);
  }
};

/** Capabilities that have something to clean up are looked for again, in order (vpci_cleanup_capabilities). */
const isMsixCleanedUp = (world: World, { sbdf }: PciDev): boolean => {
  if (world.behaviours.msixTearDown === 'always') return true;
  findCapability(world, sbdf, CAPABILITY.msi);
  return findCapability(world, sbdf, CAPABILITY.msix) !== 0;
};

/**
 * Takes a device's emulated config space down (vpci_deassign_device, until 4.18 vpci_remove_device). What is in the
 * p2m stays. Nothing happens for an owner without vPCI: the state then lives on unattended.
 */
export const tearDownVpci = (world: World, dev: PciDev): void => {
  const { vpci } = dev;
  if (vpci === undefined) return;
  if (dev.domain?.hasVpci !== true) {
    applyRule(world, 'tear-down.owner-without-vpci', { sbdf: dev.sbdf });
    return;
  }
  if (vpci.guestSbdf !== undefined) dev.domain.virtualSlots.delete(Math.floor(vpci.guestSbdf / 8) % 32);
  if (isMsixCleanedUp(world, dev)) unlistMsix(world, dev);
  else if (vpci.msix !== undefined) applyRule(world, 'tear-down.msix-stays-listed', { sbdf: dev.sbdf });
  if (vpci.barsMapped) applyRule(world, 'tear-down.mappings-stay', { sbdf: dev.sbdf });
  for (const bar of vpci.bars) setBarEnabled(world, bar, false);
  dev.vpci = undefined;
};
