// SPDX-License-Identifier: GPL-2.0-only
import { or, shiftLeft } from '../num/bits.ts';
import { parseSbdf, type Sbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import { type Fault, within } from './bar-layout.ts';
import { type Layout, legacyLayout } from './capability-layout.ts';
import { ConfigImage } from './config-image.ts';
import { type ExtendedLayout, extendedLayout } from './extended-layout.ts';
import { headerRows } from './header-layout.ts';
import { CONFIG_SPACE_BYTES, LEGACY_SPACE_BYTES } from './limits.ts';
import type { PlainDevice } from './plain.ts';
import { type DeviceDescription, FRIENDLY_KEYS } from './schema.ts';

interface Placed<L> {
  readonly offset: number;
  readonly layout: L;
}

/** Checks that capabilities are within their space and do not overlap. */
const checkPlaces = (
  placed: readonly (Placed<{ readonly sizeBytes: number }> & { readonly index: number })[],
  end: number,
  fault: Fault,
): void => {
  const ascending = [...placed].sort((a, b) => a.offset - b.offset);
  ascending.forEach(({ offset, layout, index }, position) => {
    const next = ascending[position + 1];
    const endOfThis = offset + layout.sizeBytes;
    const path = ['capabilities', index, 'offset'];
    if (endOfThis > end) fault(path, `offset: ${layout.sizeBytes} bytes from ${hex(offset)} go beyond ${hex(end)}`);
    if (next !== undefined && endOfThis > next.offset)
      fault(
        ['capabilities', next.index, 'offset'],
        `offset: overlaps the capability at ${hex(offset)}, which takes ${layout.sizeBytes} bytes`,
      );
  });
};

const putLegacy = (image: ConfigImage, { offset, layout }: Placed<Layout>, next: number): void => {
  image.put(offset, { name: 'Capability ID, Next Pointer', at: 0, value: layout.code + next * 0x100 });
  for (const row of layout.rows) image.put(offset, row);
  const { bytes = [], bytesWritable = false, sizeBytes } = layout;
  if (bytes.length === 0 && !bytesWritable) return;
  for (let at = 2; at < sizeBytes; at += 1) image.putByte(offset + at, bytes[at - 2] ?? 0, bytesWritable);
};

/** PCI Express Base 5.0, 7.6.3: id in bits 15:0, version in 19:16, next in 31:20. */
const extendedHeader = (code: number, version: number, next: number): number =>
  or(code, or(shiftLeft(version, 16), shiftLeft(next, 20)));

const putExtended = (image: ConfigImage, list: readonly Placed<ExtendedLayout>[]): void => {
  const first = list[0];
  // The list begins at 0x100; an entry without id only links on.
  if (first !== undefined && first.offset !== LEGACY_SPACE_BYTES)
    image.put(LEGACY_SPACE_BYTES, { name: 'Null Capability', at: 0, value: extendedHeader(0, 0, first.offset) });
  list.forEach(({ offset, layout }, index) => {
    const header = extendedHeader(layout.code, layout.version, list[index + 1]?.offset ?? 0);
    image.put(offset, { name: 'Extended Capability Header', at: 0, value: header });
    for (const row of layout.rows) image.put(offset, row);
  });
};

/** What follows from a friendly description besides its image. */
interface FromCapabilities {
  readonly sriov: number | undefined;
  readonly resizable: PlainDevice['resizable'];
  /** A PCI Express device has extended space. */
  readonly isExpress: boolean;
}

const putFriendly = (image: ConfigImage, device: DeviceDescription, fault: Fault): FromCapabilities => {
  const capabilities = device.capabilities ?? [];
  const legacy = capabilities.flatMap((capability, index) => {
    const layout = legacyLayout(capability);
    return layout === undefined ? [] : [{ offset: capability.offset, layout, index }];
  });
  const extended = capabilities.flatMap((capability, index) => {
    const layout = extendedLayout(capability, device.bars ?? {}, within(fault, 'capabilities', index));
    return layout === undefined ? [] : [{ offset: capability.offset, layout, index }];
  });
  checkPlaces(legacy, LEGACY_SPACE_BYTES, fault);
  checkPlaces(extended, CONFIG_SPACE_BYTES, fault);
  for (const row of headerRows(device, legacy[0]?.offset, fault)) image.put(0, row);
  for (const [index, placed] of legacy.entries()) putLegacy(image, placed, legacy[index + 1]?.offset ?? 0);
  const inOrder = extended.findIndex(({ offset }) => offset === LEGACY_SPACE_BYTES);
  if (inOrder > 0)
    fault(
      ['capabilities', extended[inOrder]?.index ?? 0, 'offset'],
      'offset: the capability at 0x100 has to be the first of the extended ones',
    );
  putExtended(image, extended);
  return {
    sriov: capabilities.find(({ id }) => id === 'sriov')?.offset,
    resizable: extended.flatMap(({ offset, layout }) =>
      (layout.resizable ?? []).map(({ at, bar }) => ({ control: offset + at, bar })),
    ),
    isExpress: capabilities.some(({ id }) => id === 'pcie'),
  };
};

const DWORD_KEYS = ['registers', 'writable', 'writeOneToClear'] as const;

const readDwords = (given: Readonly<Record<string, number>>, key: string, fault: Fault): Map<number, number> => {
  const dwords = new Map<number, number>();
  for (const name in given) {
    const offset = Number(name);
    if (offset % 4 !== 0 || offset >= CONFIG_SPACE_BYTES)
      fault(
        [key],
        `${key}: expected a multiple of 4 below ${hex(CONFIG_SPACE_BYTES)} as offset; got ${hex(offset)}`,
        name,
      );
    else if (dwords.has(offset)) fault([key], `${key}: offset ${hex(offset)} is there twice; expected it once`, name);
    else dwords.set(offset, given[name] ?? 0);
  }
  return dwords;
};

const sbdfOf = (text: string | undefined, path: readonly string[], fault: Fault): Sbdf | undefined => {
  if (text === undefined) return undefined;
  const sbdf = parseSbdf(text);
  if (sbdf === undefined) fault(path, `${path.join('.')}: expected an SBDF such as "0000:03:00.0"; got "${text}"`);
  return sbdf;
};

/**
 * The plain form of a device. A description with any of {@link FRIENDLY_KEYS} is first laid out by the PCI
 * specifications; its registers and masks then replace whole dwords. Paths of faults are relative to the device.
 */
export const compileDevice = (sbdf: Sbdf, device: DeviceDescription, fault: Fault): PlainDevice => {
  const image = new ConfigImage();
  const friendly = FRIENDLY_KEYS.some((key) => Object.hasOwn(device, key));
  const from = friendly ? putFriendly(image, device, fault) : undefined;
  let beyondLegacy = false;
  for (const key of DWORD_KEYS) {
    const dwords = readDwords(device[key] ?? {}, key, fault);
    for (const offset of dwords.keys()) if (offset >= LEGACY_SPACE_BYTES) beyondLegacy = true;
    image.replace(key, dwords);
  }
  const gated = device.vf?.always === true ? undefined : device.vf?.of;
  return {
    sbdf,
    ...image.dwords(),
    extended: device.extended ?? (from?.isExpress === true || beyondLegacy),
    aliased: device.aliased ?? false,
    present: device.present ?? true,
    presentWith:
      device.presentWith === undefined
        ? sbdfOf(gated, ['vf', 'of'], fault)
        : sbdfOf(device.presentWith, ['presentWith'], fault),
    sriov: device.sriov ?? from?.sriov,
    resizable: device.resizable ?? from?.resizable ?? [],
    stickyMemoryDecoding: device.stickyMemoryDecoding ?? false,
  };
};
