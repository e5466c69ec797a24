// SPDX-License-Identifier: GPL-2.0-only
import { EXTENDED_CAPABILITY } from '../machine/capability-ids.ts';

import { type ConfigImage, dwordAt, findExtended, headerTypeOf } from '../machine/config-dump.ts';
import { BASE_ADDRESS_0 } from '../machine/header-registers.ts';
import { and, extract, has, lowBits, shiftRight, without } from '../num/bits.ts';
import { addMask, type Masks } from './register-rule.ts';

/** Sizes in bytes by BAR number; what is unknown is left out. */
export interface BarSizes {
  readonly bars: ReadonlyMap<number, number>;
  readonly rom: number | undefined;
  /** Of one VF, by VF BAR number. */
  readonly vfBars: ReadonlyMap<number, number>;
}

/** Taken for a BAR that holds an address but whose size nobody gives. */
const ASSUMED_MEMORY_BAR_BYTES = 0x1000;
const ASSUMED_IO_BAR_BYTES = 0x20;

const SRIOV_FIRST_BAR = 0x24;
const BAR_COUNT = 6;
const ROM_SMALLEST_BYTES = 0x800;

/** What a caller is told of each doubtful BAR: its name, and what is wrong with it. */
export type Tell = (what: string) => void;

/** BARs of a header type: 6 in a device, 2 in a bridge, 1 in a CardBus bridge. */
const barCountOf = (image: ConfigImage): number => [6, 2, 1][headerTypeOf(image)] ?? 0;

/** A power of two not below `sizeBytes`: address decoders know no other sizes. */
const roundUp = (sizeBytes: number, name: string, tell: Tell): number => {
  let rounded = 1;
  while (rounded < sizeBytes) rounded *= 2;
  if (rounded !== sizeBytes) tell(`${name}: size ${sizeBytes} is no power of two, taken as ${rounded}`);
  return rounded;
};

/** Address bits of a decoder of `sizeBytes` in the dword that starts at 2^(32 * `half`). */
const addressMask = (sizeBytes: number, half: 0 | 1): number => {
  const bits = Math.log2(sizeBytes) - 32 * half;
  return without(0xffffffff, lowBits(Math.min(32, Math.max(0, bits))));
};

/** Masks of a row of BARs (PCI Local Bus 3.0, 6.2.5.1) that starts at `first`. */
const addBars = (
  image: ConfigImage,
  first: number,
  count: number,
  sizes: ReadonlyMap<number, number>,
  label: string,
  masks: Masks,
  tell: Tell,
): void => {
  for (let bar = 0; bar < count; bar += 1) {
    const offset = first + 4 * bar;
    const value = dwordAt(image, offset);
    const name = `${label} ${bar}`;
    const isIo = has(value, 0x1);
    const is64 = !isIo && and(value, 0x6) === 0x4;
    let size = sizes.get(bar);
    if (size === undefined && value !== 0) {
      size = isIo ? ASSUMED_IO_BAR_BYTES : ASSUMED_MEMORY_BAR_BYTES;
      tell(`${name}: size unknown, taken as ${size}`);
    }
    if (size !== undefined) {
      const rounded = roundUp(size, name, tell);
      addMask(masks.writable, offset, without(addressMask(rounded, 0), isIo ? 0x3 : 0xf));
      if (is64 && bar + 1 < count) addMask(masks.writable, offset + 4, addressMask(rounded, 1));
    }
    if (is64) bar += 1;
  }
};

/** The expansion ROM's register: address bits and the enable bit. */
const addRom = (image: ConfigImage, sizeBytes: number | undefined, masks: Masks, tell: Tell): void => {
  const type = headerTypeOf(image);
  if (type > 1) return;
  const offset = type === 0 ? 0x30 : 0x38;
  if (sizeBytes === undefined) {
    if (dwordAt(image, offset) !== 0) tell('ROM: size unknown, taken as none');
    return;
  }
  const rounded = Math.max(ROM_SMALLEST_BYTES, roundUp(sizeBytes, 'ROM', tell));
  addMask(masks.writable, offset, addressMask(rounded, 0));
  addMask(masks.writable, offset, 0x1);
};

/** Offset of the SR-IOV capability. */
export const sriovOffset = (image: ConfigImage): number | undefined => findExtended(image, EXTENDED_CAPABILITY.sriov);

/** BARs whose size follows a control register (PCI Express Base 6.0, 7.8.6), and the mask of its size field. */
export const resizableBars = (image: ConfigImage, masks: Masks): { control: number; bar: number }[] => {
  const offset = findExtended(image, EXTENDED_CAPABILITY.resizableBar);
  if (offset === undefined) return [];
  const count = Math.min(BAR_COUNT, and(shiftRight(dwordAt(image, offset + 8), 5), 0x7));
  return Array.from({ length: count }, (_, index) => {
    const control = offset + 8 + 8 * index;
    addMask(masks.writable, control, 0x3f00);
    return { control, bar: extract(dwordAt(image, control), 0x7) };
  });
};

/** Masks of all BARs, the ROM and the VF BARs; `tell` hears of every size that had to be guessed. */
export const addBarMasks = (image: ConfigImage, sizes: BarSizes, masks: Masks, tell: Tell): void => {
  addBars(image, BASE_ADDRESS_0, barCountOf(image), sizes.bars, 'BAR', masks, tell);
  addRom(image, sizes.rom, masks, tell);
  const sriov = sriovOffset(image);
  if (sriov !== undefined) addBars(image, sriov + SRIOV_FIRST_BAR, BAR_COUNT, sizes.vfBars, 'VF BAR', masks, tell);
};
