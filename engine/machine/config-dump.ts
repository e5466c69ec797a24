// SPDX-License-Identifier: GPL-2.0-only
import { and, has, shiftRight } from '../num/bits.ts';
import { HEADER_TYPE } from './header-registers.ts';
import type { PlainDevice } from './plain.ts';

/** What a dump shows of one device's config space: dwords by offset, as far as it goes. */
export interface ConfigImage {
  readonly dwords: ReadonlyMap<number, number>;
  /** How far the dump goes: 64, 256 or 4096 as a rule. */
  readonly sizeBytes: number;
}

/** The config space of a described device. */
export const imageOf = ({ registers, extended }: PlainDevice): ConfigImage => ({
  dwords: registers,
  sizeBytes: extended ? 0x1000 : 0x100,
});

/** The dword at `offset`, a multiple of 4; 0 where the dump does not go. */
export const dwordAt = (image: ConfigImage, offset: number): number => image.dwords.get(offset) ?? 0;

export const wordAt = (image: ConfigImage, offset: number): number =>
  and(shiftRight(dwordAt(image, offset - (offset % 4)), 8 * (offset % 4)), 0xffff);

const byteAt = (image: ConfigImage, offset: number): number => and(wordAt(image, offset), 0xff);

/** Header type without the multi-function bit: 0 device, 1 bridge, 2 CardBus (PCI Local Bus 3.0, 6.1). */
export const headerTypeOf = (image: ConfigImage): number => and(byteAt(image, HEADER_TYPE), 0x7f);

/** A capability and where it starts. */
export interface CapabilityAt {
  readonly id: number;
  readonly offset: number;
}

const FIRST_LEGACY = 0x40;
const FIRST_EXTENDED = 0x100;

/**
 * The legacy capability list (PCI Local Bus 3.0, 6.7) as far as the dump shows it; it ends at a pointer into the
 * header, beyond the dump, or to a place already visited.
 */
export const legacyCapabilities = (image: ConfigImage): readonly CapabilityAt[] => {
  const found: CapabilityAt[] = [];
  if (!has(wordAt(image, 0x06), 0x10)) return found;
  const visited = new Set<number>();
  let offset = and(byteAt(image, 0x34), 0xfc);
  while (offset >= FIRST_LEGACY && offset < image.sizeBytes && !visited.has(offset)) {
    visited.add(offset);
    found.push({ id: byteAt(image, offset), offset });
    offset = and(byteAt(image, offset + 1), 0xfc);
  }
  return found;
};

/** The extended capability list (PCI Express Base 6.0, 7.6), with the same ends. */
export const extendedCapabilities = (image: ConfigImage): readonly CapabilityAt[] => {
  const found: CapabilityAt[] = [];
  const visited = new Set<number>();
  let offset = FIRST_EXTENDED;
  while (offset >= FIRST_EXTENDED && offset + 4 <= image.sizeBytes && !visited.has(offset)) {
    visited.add(offset);
    const header = dwordAt(image, offset);
    if (header === 0 || header === 0xffffffff) break;
    // Id 0 is the null capability: it carries nothing but may point on.
    if (and(header, 0xffff) !== 0) found.push({ id: and(header, 0xffff), offset });
    offset = and(shiftRight(header, 20), 0xffc);
  }
  return found;
};

const offsetOf = (capabilities: readonly CapabilityAt[], wanted: number): number | undefined =>
  capabilities.find(({ id }) => id === wanted)?.offset;

/** Offset of the first capability with this id; undefined: there is none. */
export const findLegacy = (image: ConfigImage, id: number): number | undefined =>
  offsetOf(legacyCapabilities(image), id);

export const findExtended = (image: ConfigImage, id: number): number | undefined =>
  offsetOf(extendedCapabilities(image), id);

/** Whether the extended space repeats the first 256 bytes, as behind some bridges. */
export const isAliased = (image: ConfigImage): boolean => {
  if (image.sizeBytes < 0x200 || dwordAt(image, 0) === 0 || dwordAt(image, 0) === 0xffffffff) return false;
  for (let offset = 0; offset < 0x100; offset += 4)
    if (dwordAt(image, offset) !== dwordAt(image, 0x100 + offset)) return false;
  return true;
};
