// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import { functionOf, makeSbdf } from '../num/sbdf.ts';
import { RegisterMap } from '../xen/register-map.ts';
import type { Domain, PciDev, Vpci, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { BAR_SLOTS, forgetBars, makeBar } from './bar.ts';
import { initCapabilities } from './capabilities.ts';
import { initHeader } from './init-header.ts';
import { initMsi } from './msi.ts';
import { initMsix } from './msix.ts';
import { initRebar } from './rebar.ts';
import { firstFailure } from './registers.ts';
import { tearDownVpci } from './tear-down.ts';

/** Devices on a guest's virtual bus, one function each (VPCI_MAX_VIRT_DEV). */
const VIRTUAL_SLOTS = 32;

const emptyVpci = (dev: PciDev): Vpci => ({
  registers: new RegisterMap(),
  bars: Array.from({ length: BAR_SLOTS }, (_, index) => makeBar(dev, index)),
  guestCommand: 0,
  romEnabled: false,
  barsMapped: false,
  msi: undefined,
  msix: undefined,
  rebarOffset: 0,
  rebarCount: 0,
  guestSbdf: undefined,
});

/** Takes the first free place on a guest's virtual bus (assign_virtual_sbdf). Answers 0 or a negated errno. */
const takeVirtualSlot = (world: World, domain: Domain, dev: PciDev, vpci: Vpci): number => {
  if (!world.guestVpciBuild || world.behaviours.guestPlace === 'none' || domain.isHwdom) return 0;
  if (functionOf(dev.sbdf) !== 0) {
    applyRule(world, 'guest.function-not-0', { sbdf: dev.sbdf });
    return -ERRNO.EOPNOTSUPP;
  }
  for (let slot = 0; slot < VIRTUAL_SLOTS; slot++) {
    if (domain.virtualSlots.has(slot)) continue;
    domain.virtualSlots.add(slot);
    vpci.guestSbdf = makeSbdf(0, 0, slot * 8);
    return 0;
  }
  applyRule(world, 'guest.bus-full', { sbdf: dev.sbdf, domain: domain.name });
  return -ERRNO.ENOSPC;
};

/** Header and capabilities in the order of the release. Answers 0 or a negated errno. */
const setUp = (world: World, dev: PciDev): number => {
  const header = () => initHeader(world, dev);
  const msi = () => initMsi(world, dev);
  const msix = () => initMsix(world, dev);
  const rebar = () => initRebar(world, dev);
  switch (world.behaviours.setUpOrder) {
    case 'msix-header-msi':
      return firstFailure(msix, header, rebar, msi);
    case 'header-msix-msi':
      return firstFailure(header, msix, rebar, msi);
    case 'header-rebar-msi-msix':
      return firstFailure(header, () => initCapabilities(world, dev, false));
  }
};

/**
 * Gives a device its emulated config space (vpci_assign_device, until 4.18 vpci_add_handlers): none for an owner
 * without vPCI, none for read-only devices. Answers 0 or a negated errno; then the device has none.
 */
export const assignVpci = (world: World, dev: PciDev): number => {
  const { domain } = dev;
  if (domain === undefined || !domain.hasVpci) return 0;
  if (world.behaviours.readOnlyDeviceVpci === 'none' && world.readOnly.has(dev.sbdf)) {
    applyRule(world, 'vpci.none-for-read-only', { sbdf: dev.sbdf });
    return 0;
  }
  forgetBars(world, dev);
  const vpci = emptyVpci(dev);
  dev.vpci = vpci;
  const ret = firstFailure(
    () => takeVirtualSlot(world, domain, dev, vpci),
    () => setUp(world, dev),
  );
  if (ret !== 0) {
    applyRule(world, 'vpci.set-up-failed', { sbdf: dev.sbdf });
    tearDownVpci(world, dev);
  }
  return ret;
};
