// SPDX-License-Identifier: GPL-2.0-only
import type { Mfn } from '../num/frames.ts';
import { PAGE_SIZE_BYTES } from '../num/frames.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { busOf, segmentOf } from '../num/sbdf.ts';
import { wrapU64 } from '../num/u64.ts';
import { applyRule } from '../xen/trail.ts';
import { findBridge } from './bridges.ts';
import { rangesOf } from './device-tree.ts';
import type { ArmWorld } from './world.ts';

const firstByte = (mfn: number): bigint => BigInt(mfn) * BigInt(PAGE_SIZE_BYTES);

/**
 * Whether a BAR may be mapped: its frames lie in one window of the device's host bridge, of whatever kind
 * (xen/arch/arm/pci/pci-host-common.c, pci_check_bar). The end of a window is computed in 64 bits, so one of size 0 at
 * address 0 holds everything.
 */
export const checkBar = (world: ArmWorld, sbdf: Sbdf, first: Mfn, last: Mfn): boolean => {
  const start = firstByte(first);
  const wholePage = world.behaviours.barCheckEnd === 'last-byte-of-last-page';
  const end = wholePage ? wrapU64(firstByte(last + 1) - 1n) : firstByte(last);
  if (wholePage ? start > end : start >= end) {
    applyRule(world, 'arm.bar-without-length', { sbdf, gfn: first });
    return false;
  }
  const bridge = findBridge(world, segmentOf(sbdf), busOf(sbdf));
  const ranges = bridge === undefined ? undefined : rangesOf(bridge.node);
  const isInside =
    ranges?.ok === true &&
    ranges.value.some(({ address, size }) => start >= address && end <= wrapU64(address + size - 1n));
  if (!isInside) applyRule(world, 'arm.bar-outside-windows', { sbdf, gfn: first });
  return isInside;
};
