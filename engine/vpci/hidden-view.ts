// SPDX-License-Identifier: GPL-2.0-only
import { HEADER_TYPE, MULTIFUNCTION } from '../machine/header-registers.ts';
import { and, lowBits, mergeBytes } from '../num/bits.ts';
import { busOf, devfnOf, makeSbdf, type Sbdf, segmentOf } from '../num/sbdf.ts';
import type { World } from '../xen/state.ts';
import { applyRule } from '../xen/trail.ts';

/** Registers of a stub (PCI 3.0, 6.1): the device's own ids and multi-function bit, a class that fits no driver. */
const ID_BYTES = 4;
const BASE_CLASS = 0x0b;
const UNASSIGNED_CLASS = 0xff;
const ALL_ONES = 0xffffffff;
const FUNCTIONS_PER_DEVICE = 8;

const isHidden = (world: World, sbdf: Sbdf): boolean => world.devices.get(sbdf)?.domain === world.domXen;

const hasHiddenFunction = (world: World, sbdf: Sbdf): boolean => {
  const first = devfnOf(sbdf) - (devfnOf(sbdf) % FUNCTIONS_PER_DEVICE);
  for (let fn = 0; fn < FUNCTIONS_PER_DEVICE; fn++)
    if (isHidden(world, makeSbdf(segmentOf(sbdf), busOf(sbdf), first + fn))) return true;
  return false;
};

/**
 * Whether the current domain sees a function itself, nothing of it, or a stub in its place. Proposed in
 * hidden-devices-rfc-v2.txt, and in no release of Xen.
 */
export const viewOf = (world: World, sbdf: Sbdf): 'whole' | 'absent' | 'stub' => {
  const { hiddenDeviceView } = world.behaviours;
  if (hiddenDeviceView === 'whole' || !world.current.domain.isHwdom) return 'whole';
  const isConcerned = hiddenDeviceView === 'device-absent' ? hasHiddenFunction(world, sbdf) : isHidden(world, sbdf);
  if (!isConcerned) return 'whole';
  const view = hiddenDeviceView === 'stub' ? 'stub' : 'absent';
  applyRule(world, view === 'stub' ? 'look-up.stub' : 'look-up.absent', { sbdf });
  return view;
};

const stubByte = (world: World, sbdf: Sbdf, offset: number): number => {
  if (offset < ID_BYTES) return world.hw.read(sbdf, offset, 1);
  if (offset === BASE_CLASS) return UNASSIGNED_CLASS;
  return offset === HEADER_TYPE ? and(world.hw.read(sbdf, HEADER_TYPE, 1), MULTIFUNCTION) : 0;
};

/** What a function that is not shown as it is reads as: all ones, or a stub's registers. */
export const readView = (world: World, view: 'absent' | 'stub', sbdf: Sbdf, reg: number, size: number): number => {
  if (view === 'absent') return and(ALL_ONES, lowBits(8 * size));
  let value = 0;
  for (let done = 0; done < size; done++) value = mergeBytes(value, stubByte(world, sbdf, reg + done), 1, done);
  return value;
};
