// SPDX-License-Identifier: GPL-2.0-only
import { STATUS, STATUS_CAPABILITY_LIST } from '../machine/header-registers.ts';
import { and, has, shiftRight, without } from '../num/bits.ts';
import type { Sbdf } from '../num/sbdf.ts';
import type { PciDev, World } from './state.ts';

/** Capability structures in legacy config space (PCI Local Bus 3.0, 6.7): id, then offset of the next. */
export const CAPABILITY_LIST = 0x34;
export const CAPABILITY_NEXT = 1;
export const FIRST_CAPABILITY_OFFSET = 0x40;
const MAX_CAPABILITIES = 48;

/** Extended capabilities (PCIe 6.0, 7.6.3): a header of id, version and offset of the next, from 0x100 on. */
export const EXTENDED_SPACE = 0x100;
const MAX_EXTENDED_CAPABILITIES = 480;

export const extendedIdOf = (header: number): number => and(header, 0xffff);

/** Offset of the next extended capability (PCI_EXT_CAP_NEXT). */
export const extendedNextOf = (header: number): number => and(shiftRight(header, 20), 0xffc);

export const hasCapabilityList = (world: World, sbdf: Sbdf): boolean =>
  has(world.hw.read(sbdf, STATUS, 2), STATUS_CAPABILITY_LIST);

/** Offset of a capability, 0 if the device has none (pci_find_cap_offset). */
export const findCapability = (world: World, sbdf: Sbdf, id: number): number => {
  if (!hasCapabilityList(world, sbdf)) return 0;
  let pointer = CAPABILITY_LIST;
  for (let count = 0; count < MAX_CAPABILITIES; count++) {
    const next = world.hw.read(sbdf, pointer, 1);
    if (next < FIRST_CAPABILITY_OFFSET) break;
    const at = without(next, 3);
    const found = world.hw.read(sbdf, at, 1);
    if (found === 0xff) break;
    if (found === id) return at;
    pointer = at + CAPABILITY_NEXT;
  }
  return 0;
};

/** A walk along the capability list that stops for good after 48 steps (the `ttl` of pci_find_next_cap_ttl). */
export interface CapabilityWalk {
  stepsLeft: number;
}

export const startWalk = (): CapabilityWalk => ({ stepsLeft: MAX_CAPABILITIES });

/**
 * The next pointer, as hardware has it (its low bits included), to one of the capabilities asked for, or to any when
 * `ids` is empty; 0 at the end (pci_find_next_cap_ttl). `pointer` is where the first pointer to look at is.
 */
export const nextCapability = (
  world: World,
  sbdf: Sbdf,
  pointer: number,
  ids: readonly number[],
  walk: CapabilityWalk,
): number => {
  let from = pointer;
  // The counter is tested before it is decremented, and ends at -1 when it runs out, as Xen's unsigned one wraps.
  while (walk.stepsLeft-- > 0) {
    const next = world.hw.read(sbdf, from, 1);
    if (next < FIRST_CAPABILITY_OFFSET) break;
    const at = without(next, 3);
    const id = world.hw.read(sbdf, at, 1);
    if (id === 0xff) break;
    if (ids.length === 0 || ids.includes(id)) return next;
    from = at + CAPABILITY_NEXT;
  }
  return 0;
};

/** Offset of an extended capability, 0 if there is none or extended space is known to be out of reach. */
export const findExtendedCapability = (
  world: World,
  dev: Pick<PciDev, 'sbdf' | 'extendedConfig'>,
  id: number,
): number => {
  if (world.behaviours.extendedConfigSpace === 'tracked' && !dev.extendedConfig) return 0;
  let at = EXTENDED_SPACE;
  let header = world.hw.read(dev.sbdf, at, 4);
  if (header === 0 || header === 0xffffffff) return 0;
  for (let count = 0; count < MAX_EXTENDED_CAPABILITIES; count++) {
    if (extendedIdOf(header) === id) return at;
    at = extendedNextOf(header);
    if (at < EXTENDED_SPACE) break;
    header = world.hw.read(dev.sbdf, at, 4);
  }
  return 0;
};
