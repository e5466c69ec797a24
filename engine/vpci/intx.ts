// SPDX-License-Identifier: GPL-2.0-only
import { COMMAND } from '../machine/header-registers.ts';
import { or } from '../num/bits.ts';
import type { PciDev, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { COMMAND_INTX_DISABLE, isTreatedAsGuest } from './header.ts';
import { vpciOf } from './registers.ts';

/** Turns INTx off when a guest turns MSI or MSI-X on (pci_intx): a guest must not have both. */
export const forceIntxOff = (world: World, dev: PciDev): void => {
  if (!isTreatedAsGuest(world, dev)) return;
  const vpci = vpciOf(dev);
  world.hw.write(dev.sbdf, COMMAND, 2, or(world.hw.read(dev.sbdf, COMMAND, 2), COMMAND_INTX_DISABLE));
  vpci.guestCommand = or(vpci.guestCommand, COMMAND_INTX_DISABLE);
  applyRule(world, 'guest.intx-forced-off', { sbdf: dev.sbdf });
};
