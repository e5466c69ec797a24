// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY, EXTENDED_CAPABILITY } from '../machine/capability-ids.ts';
import { EXTENDED_SPACE, findCapability, findExtendedCapability } from '../xen/capability.ts';
import type { PciDev, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { hideCapability, hideExtendedCapability, initCapabilityLists, initExtendedList } from './capability-lists.ts';
import { hideMsiRegisters, initMsi } from './msi.ts';
import { hideMsixRegisters, initMsix } from './msix.ts';
import { hideRebarRegisters, initRebar } from './rebar.ts';
import { vpciOf } from './registers.ts';

/** A capability that vPCI emulates (REGISTER_VPCI_CAP, REGISTER_VPCI_EXTCAP). */
interface Capability {
  readonly id: number;
  readonly isExtended: boolean;
  /** Answers 0 or a negated errno; what it has set up until a failure stays. */
  readonly init: (world: World, dev: PciDev) => number;
  /** Takes a failed set-up back. Answers 0 or a negated errno. */
  readonly hideRegisters: (world: World, dev: PciDev) => number;
}

/** In the order in which Xen's build links them. */
const CAPABILITIES: readonly Capability[] = [
  { id: EXTENDED_CAPABILITY.resizableBar, isExtended: true, init: initRebar, hideRegisters: hideRebarRegisters },
  { id: CAPABILITY.msi, isExtended: false, init: initMsi, hideRegisters: hideMsiRegisters },
  { id: CAPABILITY.msix, isExtended: false, init: initMsix, hideRegisters: hideMsixRegisters },
];

/** What happens to a capability that could not be set up. Answers 0, or a negated errno when the device has to fail. */
const hideFailed = (world: World, dev: PciDev, capability: Capability, failure: number): number => {
  if (world.behaviours.capabilityFailure === 'device-loses-vpci') return failure;
  applyRule(world, 'capability.set-up-failed', { sbdf: dev.sbdf });
  if (world.behaviours.hiddenCapability === 'control-read-only') {
    const ret = capability.hideRegisters(world, dev);
    if (ret !== 0 && dev.domain?.isHwdom !== true) return ret;
  }
  return capability.isExtended
    ? hideExtendedCapability(world, dev, capability.id)
    : hideCapability(world, dev, capability.id);
};

const offsetOf = (world: World, dev: PciDev, capability: Capability, extendedOnly: boolean): number => {
  if (!capability.isExtended) return extendedOnly ? 0 : findCapability(world, dev.sbdf, capability.id);
  return dev.domain?.isHwdom === true ? findExtendedCapability(world, dev, capability.id) : 0;
};

/**
 * Sets up the capabilities of a device, hiding those that fail (vpci_init_capabilities). `extendedOnly`: the device is
 * in use and its extended space has come or gone; then a failure to hide one does not keep the others from being set
 * up. Answers 0 or a negated errno.
 */
export const initCapabilities = (world: World, dev: PciDev, extendedOnly: boolean): number => {
  if (world.behaviours.capabilityListSetUp === 'with-capabilities') {
    const ret = extendedOnly ? initExtendedList(world, dev) : initCapabilityLists(world, dev);
    if (ret !== 0) return ret;
  }
  let firstFailure = 0;
  for (const capability of CAPABILITIES) {
    if (offsetOf(world, dev, capability, extendedOnly) === 0) continue;
    const failure = capability.init(world, dev);
    if (failure === 0) continue;
    const ret = hideFailed(world, dev, capability, failure);
    if (ret === 0) continue;
    if (!extendedOnly) return ret;
    if (firstFailure === 0) firstFailure = ret;
  }
  return firstFailure;
};

const EXTENDED_SPACE_BYTES = 0x1000 - EXTENDED_SPACE;

/** Makes the extended capabilities anew after extended config space has come or gone (vpci_reinit_ext_capabilities). */
export const reinitExtendedCapabilities = (world: World, dev: PciDev): void => {
  if (dev.vpci === undefined) return;
  vpciOf(dev).registers.removeInside(EXTENDED_SPACE, EXTENDED_SPACE_BYTES);
  initCapabilities(world, dev, true);
};
