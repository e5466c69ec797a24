// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';
import { STATUS, STATUS_CAPABILITY_LIST } from '../machine/header-registers.ts';
import { and, without } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import {
  CAPABILITY_LIST,
  CAPABILITY_NEXT,
  EXTENDED_SPACE,
  extendedIdOf,
  extendedNextOf,
  FIRST_CAPABILITY_OFFSET,
  findCapability,
  findExtendedCapability,
  hasCapabilityList,
  nextCapability,
  startWalk,
} from '../xen/capability.ts';
import type { PciDev, Vpci, World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';
import { statusMasks } from './header.ts';
import {
  addRegister,
  hardwareReadOnlyRegister,
  hardwareRegister,
  valueOverHardwareRegister,
  valueRegister,
  vpciOf,
} from './registers.ts';

/** Capabilities that vPCI lets guests see. */
const GUEST_CAPABILITIES: readonly number[] = [CAPABILITY.msi, CAPABILITY.msix];

const isHwdomOwned = (dev: PciDev): boolean => dev.domain?.isHwdom === true;

/**
 * Makes the legacy list that the owner sees: all capabilities for hwdom, MSI and MSI-X for guests
 * (vpci_init_capability_list). Answers 0 or a negated errno; `isEmpty`: a guest has nothing to see.
 */
const initLegacyList = (world: World, dev: PciDev): { readonly ret: number; readonly isEmpty: boolean } => {
  const vpci = vpciOf(dev);
  const isHwdom = isHwdomOwned(dev);
  if (!hasCapabilityList(world, dev.sbdf)) return { ret: 0, isEmpty: false };
  const ids = isHwdom ? [] : GUEST_CAPABILITIES;
  const pointerHandler = isHwdom ? valueOverHardwareRegister : valueRegister;
  const walk = startWalk();
  const first = nextCapability(world, dev.sbdf, CAPABILITY_LIST, ids, walk);
  let ret = addRegister(vpci, pointerHandler, CAPABILITY_LIST, 1, { value: first });
  let next = without(first, 3);
  while (ret === 0 && next !== 0 && walk.stepsLeft !== 0) {
    const at = next;
    const pointer = nextCapability(world, dev.sbdf, at + CAPABILITY_NEXT, ids, walk);
    if (!isHwdom) ret = addRegister(vpci, hardwareReadOnlyRegister, at, 1);
    if (ret === 0) ret = addRegister(vpci, pointerHandler, at + CAPABILITY_NEXT, 1, { value: pointer });
    next = without(pointer, 3);
  }
  if (ret !== 0) applyRule(world, 'capability-list.loop', { sbdf: dev.sbdf });
  return { ret, isEmpty: !isHwdom && without(first, 3) === 0 };
};

/** Makes the extended list that the owner sees; guests see an empty one (vpci_init_ext_capability_list). */
export const initExtendedList = (world: World, dev: PciDev): number => {
  const vpci = vpciOf(dev);
  if (world.behaviours.extendedConfigSpace === 'tracked' && !dev.extendedConfig) {
    applyRule(world, 'capability-list.no-extended-space', { sbdf: dev.sbdf });
    return 0;
  }
  if (!isHwdomOwned(dev)) return addRegister(vpci, valueRegister, EXTENDED_SPACE, 4);
  if (world.behaviours.hwdomCapabilityLists === 'hardware') return 0;
  let at = EXTENDED_SPACE;
  do {
    const header = world.hw.read(dev.sbdf, at, 4);
    if (header === 0xffffffff) {
      applyRule(world, 'capability-list.extended-broken', { sbdf: dev.sbdf });
      return 0;
    }
    const ret = addRegister(vpci, valueRegister, at, 4, { value: header });
    if (ret === -ERRNO.EEXIST) {
      applyRule(world, 'capability-list.extended-overlap', { sbdf: dev.sbdf });
      return 0;
    }
    if (ret !== 0) return ret;
    at = extendedNextOf(header);
  } while (at >= EXTENDED_SPACE);
  return 0;
};

const trapStatus = (world: World, dev: PciDev, hidesList: boolean): number => {
  const { statusRegister } = world.behaviours;
  if (statusRegister === 'hardware' || (statusRegister === 'trapped-for-guests' && isHwdomOwned(dev))) return 0;
  return addRegister(vpciOf(dev), hardwareRegister, STATUS, 2, statusMasks(hidesList ? STATUS_CAPABILITY_LIST : 0));
};

/** Makes both lists and traps the status register, as far as the release does. Answers 0 or a negated errno. */
export const initCapabilityLists = (world: World, dev: PciDev): number => {
  const hasLegacyList = !isHwdomOwned(dev) || world.behaviours.hwdomCapabilityLists === 'emulated';
  const legacy = hasLegacyList ? initLegacyList(world, dev) : { ret: 0, isEmpty: false };
  if (legacy.ret !== 0) return legacy.ret;
  // The status register comes last in the releases that make the guest's extended list first; nothing observes it.
  const status = trapStatus(world, dev, legacy.isEmpty);
  return status !== 0 ? status : initExtendedList(world, dev);
};

/** Register whose value points to the capability at `offset`. */
const findPointerTo = (vpci: Vpci, offset: number) => {
  let register = vpci.registers.exact(CAPABILITY_LIST, 1);
  while (register !== undefined && register.value !== offset)
    register =
      register.value >= FIRST_CAPABILITY_OFFSET ? vpci.registers.exact(register.value + CAPABILITY_NEXT, 1) : undefined;
  return register;
};

/** Takes a capability out of the emulated legacy list (vpci_capability_hide). 0 or -ENODEV. */
export const hideCapability = (world: World, dev: PciDev, id: number): number => {
  const vpci = vpciOf(dev);
  const offset = findCapability(world, dev.sbdf, id);
  if (offset === 0) return 0;
  const pointer = findPointerTo(vpci, offset);
  const own = vpci.registers.exact(offset + CAPABILITY_NEXT, 1);
  if (pointer === undefined || own === undefined) {
    applyRule(world, 'capability.cannot-be-hidden', { sbdf: dev.sbdf });
    return -ERRNO.ENODEV;
  }
  pointer.value = own.value;
  vpci.registers.remove(own);
  applyRule(world, 'capability.hidden', { sbdf: dev.sbdf });
  if (!isHwdomOwned(dev)) return vpci.registers.removeInside(offset, 1) ? 0 : -ERRNO.ERANGE;
  return 0;
};

/** Register of the extended capability before the one at `offset`. */
const findExtendedBefore = (vpci: Vpci, offset: number) => {
  let register = vpci.registers.exact(EXTENDED_SPACE, 4);
  while (register !== undefined) {
    const next = extendedNextOf(register.value);
    if (next === offset) break;
    register = next > EXTENDED_SPACE ? vpci.registers.exact(next, 4) : undefined;
  }
  return register;
};

const NEXT_MASK = 0xfff00000;

/**
 * Takes a capability out of the emulated extended list (vpci_ext_capability_hide): the first one cannot go, so it
 * loses its id. 0 or -ENODEV.
 */
export const hideExtendedCapability = (world: World, dev: PciDev, id: number): number => {
  const vpci = vpciOf(dev);
  const offset = findExtendedCapability(world, dev, id);
  if (offset < EXTENDED_SPACE) return 0;
  const own = vpci.registers.exact(offset, 4);
  if (own === undefined) {
    applyRule(world, 'capability.cannot-be-hidden', { sbdf: dev.sbdf });
    return -ERRNO.ENODEV;
  }
  if (offset === EXTENDED_SPACE) {
    const isOnly = extendedNextOf(own.value) <= EXTENDED_SPACE;
    own.value = isOnly ? 0 : without(own.value, extendedIdOf(own.value));
    applyRule(world, 'capability.hidden', { sbdf: dev.sbdf });
    return 0;
  }
  const before = findExtendedBefore(vpci, offset);
  if (before === undefined) {
    applyRule(world, 'capability.cannot-be-hidden', { sbdf: dev.sbdf });
    return -ERRNO.ENODEV;
  }
  before.value = without(before.value, NEXT_MASK) + and(own.value, NEXT_MASK);
  vpci.registers.remove(own);
  applyRule(world, 'capability.hidden', { sbdf: dev.sbdf });
  return 0;
};
