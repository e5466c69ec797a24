// SPDX-License-Identifier: GPL-2.0-only
import { and, shiftRight } from '../num/bits.ts';
import { BASE_ADDRESS_FLAGS, BASE_ADDRESS_TYPE_64, HEADER_TYPE } from './header-registers.ts';
import type { PlainDevice } from './plain.ts';

/** Header type and where BARs and ROM are (PCI Local Bus 3.0, 6.1; PCI-to-PCI Bridge 1.2, 3.2); indices of dwords. */
const FIRST_BAR_INDEX = 4;
const NORMAL_HEADER = { bars: 6, romIndex: 12 };
const BRIDGE_HEADER = { bars: 2, romIndex: 14 };
const BAR_TYPE_MASK = 0x7;

/** A function's config space in dwords: what it holds, which bits a write changes and which it clears. */
export interface Images {
  readonly registers: Uint32Array;
  readonly writable: Uint32Array;
  readonly writeOneToClear: Uint32Array;
}

/** Dwords of the header, which images have room for whatever is in them: BARs are resized there. */
const HEADER_DWORDS = 16;

/** Dwords of a whole config space. */
export const spaceDwords = (extended: boolean): number => (extended ? 1024 : 64);

/** Dwords up to the last one of `dwords`, and the header; those beyond are 0 and stay so. */
const imageOf = (extended: boolean, ...dwords: readonly ReadonlyMap<number, number>[]): Uint32Array => {
  let length = HEADER_DWORDS;
  for (const map of dwords) for (const offset of map.keys()) length = Math.max(length, offset / 4 + 1);
  const image = new Uint32Array(Math.min(length, spaceDwords(extended)));
  for (const [offset, value] of dwords[0] ?? []) if (offset / 4 < image.length) image[offset / 4] = value;
  return image;
};

/**
 * Of a BAR or ROM register the bits that are no address; undefined: another register. An address register without any
 * writable bit is one that the device does not implement: its address reads as 0.
 */
const addressRegisterFlags = (
  header: typeof NORMAL_HEADER,
  registers: Uint32Array,
  index: number,
): number | undefined => {
  if (index === header.romIndex) return 0;
  if (index < FIRST_BAR_INDEX || index >= FIRST_BAR_INDEX + header.bars) return undefined;
  return isUpperHalf(registers, index) ? 0 : BASE_ADDRESS_FLAGS;
};

const isUpperHalf = (registers: Uint32Array, index: number): boolean => {
  let isUpper = false;
  for (let bar = FIRST_BAR_INDEX; bar < index; bar++)
    isUpper = !isUpper && and(registers[bar] ?? 0, BAR_TYPE_MASK) === BASE_ADDRESS_TYPE_64;
  return isUpper;
};

const headerOf = (plain: PlainDevice): typeof NORMAL_HEADER => {
  const headerType = and(shiftRight(plain.registers.get(HEADER_TYPE - 2) ?? 0, 16), 0x7f);
  return headerType === 1 ? BRIDGE_HEADER : NORMAL_HEADER;
};

const makeImages = (plain: PlainDevice): Images => {
  const images: Images = {
    registers: imageOf(plain.extended, plain.registers, plain.writable),
    writable: imageOf(plain.extended, plain.writable),
    writeOneToClear: imageOf(plain.extended, plain.writeOneToClear),
  };
  const { registers, writable } = images;
  const header = headerOf(plain);
  for (let index = FIRST_BAR_INDEX; index <= header.romIndex; index++) {
    const flags = writable[index] === 0 ? addressRegisterFlags(header, registers, index) : undefined;
    if (flags !== undefined) registers[index] = and(registers[index] ?? 0, flags);
  }
  return images;
};

const FIRST_IMAGES = new WeakMap<PlainDevice, Images>();

/** A device as it is at first, which is what it is taken for over and over. Not to be written to. */
export const firstImages = (plain: PlainDevice): Images => {
  const known = FIRST_IMAGES.get(plain);
  if (known !== undefined) return known;
  const images = makeImages(plain);
  FIRST_IMAGES.set(plain, images);
  return images;
};
