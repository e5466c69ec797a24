// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';
import { type ConfigImage, dwordAt, headerTypeOf, imageOf, legacyCapabilities } from '../machine/config-dump.ts';
import type { PlainDevice } from '../machine/plain.ts';
import { has } from '../num/bits.ts';

/** Width of the registers of the header that are not bytes (PCI Local Bus 3.0, 6.1; PCI-to-PCI Bridge 1.2, 3.2). */
const COMMON_WIDTHS: readonly (readonly [number, number])[] = [
  [0x00, 2],
  [0x02, 2],
  [0x04, 2],
  [0x06, 2],
  [0x10, 4],
  [0x14, 4],
  [0x2c, 4],
];
const DEVICE_WIDTHS: readonly (readonly [number, number])[] = [
  [0x18, 4],
  [0x1c, 4],
  [0x20, 4],
  [0x24, 4],
  [0x30, 4],
];
const BRIDGE_WIDTHS: readonly (readonly [number, number])[] = [
  [0x1c, 2],
  [0x1e, 2],
  [0x20, 4],
  [0x24, 4],
  [0x28, 4],
  [0x2c, 4],
  [0x30, 4],
  [0x38, 4],
  [0x3e, 2],
];

const MSI_64BIT = 0x00800000;

/** Widths of the registers that Xen emulates in MSI and MSI-X (PCI Local Bus 3.0, 6.8). */
const capabilityWidths = (image: ConfigImage): (readonly [number, number])[] =>
  legacyCapabilities(image).flatMap(({ id, offset }): (readonly [number, number])[] => {
    if (id === CAPABILITY.msix) return [[offset + 2, 2]];
    if (id !== CAPABILITY.msi) return [];
    const data = offset + (has(dwordAt(image, offset), MSI_64BIT) ? 12 : 8);
    return [
      [offset + 2, 2],
      [offset + 4, 4],
      ...(data > offset + 8 ? ([[offset + 8, 4]] as const) : []),
      [data, 2],
      [data + 4, 4],
    ];
  });

/** Width of the registers of a device that are known to be accessed as a whole, by offset. */
export const naturalWidths = (device: PlainDevice): ReadonlyMap<number, number> => {
  const image = imageOf(device);
  const header = headerTypeOf(image) === 1 ? BRIDGE_WIDTHS : DEVICE_WIDTHS;
  return new Map([...COMMON_WIDTHS, ...header, ...capabilityWidths(image)]);
};

/** Bytes that a value needs: 1, 2, 4 or 8. */
const bytesOf = (value: bigint): number => [1, 2, 4].find((size) => value < 2n ** BigInt(8 * size)) ?? 8;

/**
 * Bytes that an access of unknown size had most likely: those that its value needs, at least the width of the register
 * where that is known, not more than its alignment allows.
 */
export const inferSize = (address: number, value: bigint, width: number | undefined): number => {
  const aligned = [4, 2, 1].find((size) => address % size === 0) ?? 1;
  return Math.max(Math.min(width ?? 1, aligned), bytesOf(value));
};
