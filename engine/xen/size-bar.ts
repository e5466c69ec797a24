// SPDX-License-Identifier: GPL-2.0-only
import { and, without } from '../num/bits.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { joinU64, wrapU64 } from '../num/u64.ts';
import type { World } from './state.ts';
import { applyRule } from './trail.ts';

const ALL_ONES = 0xffffffff;
const TYPE_MASK = 0x6;
const TYPE_64 = 0x4;
const MEM_FLAGS = 0xf;
const ROM_FLAGS = 0x7ff;

/** Which register is sized: a BAR, the last BAR slot (no room for an upper half), or the expansion ROM. */
export type BarSlot = 'bar' | 'last' | 'rom';

export interface SizedBar {
  /** undefined: not read, since a 64-bit BAR does not fit its slot. */
  readonly address: bigint | undefined;
  readonly sizeBytes: bigint;
  /** Number of slots it takes. */
  readonly slots: 1 | 2;
}

/**
 * Sizes a memory BAR by writing all ones (pci_size_mem_bar; PCI Local Bus 3.0, 6.2.5.1). Every write reaches hardware.
 * A 64-bit BAR in the last slot keeps the all ones that were written: Xen gives up before it restores them.
 */
export const sizeMemoryBar = (world: World, sbdf: Sbdf, reg: number, slot: BarSlot): SizedBar => {
  const { hw } = world;
  const flags = slot === 'rom' ? ROM_FLAGS : MEM_FLAGS;
  const bar = hw.read(sbdf, reg, 4);
  const is64 = slot !== 'rom' && and(bar, TYPE_MASK) === TYPE_64;
  hw.write(sbdf, reg, 4, ALL_ONES);
  if (is64 && slot === 'last') {
    applyRule(world, 'size.64-bit-in-last-slot', { sbdf });
    return { address: undefined, sizeBytes: 0n, slots: 1 };
  }
  let high = 0;
  if (is64) {
    high = hw.read(sbdf, reg + 4, 4);
    hw.write(sbdf, reg + 4, 4, ALL_ONES);
  }
  const lowMask = without(hw.read(sbdf, reg, 4), flags);
  let highMask = lowMask === 0 ? 0 : ALL_ONES;
  if (is64) {
    highMask = hw.read(sbdf, reg + 4, 4);
    hw.write(sbdf, reg + 4, 4, high);
  }
  hw.write(sbdf, reg, 4, bar);
  return {
    address: joinU64(without(bar, flags), high),
    sizeBytes: wrapU64(-joinU64(lowMask, highMask)),
    slots: is64 ? 2 : 1,
  };
};
