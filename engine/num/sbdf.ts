// SPDX-License-Identifier: GPL-2.0-only

/** segment:bus:device.function packed as Xen's `pci_sbdf_t`: segment in bits 31:16, bus 15:8, device 7:3, function 2:0. */
export type Sbdf = number & { readonly brand: 'Sbdf' };

export const MAX_BUS = 0xff;

/** Asserts the ranges: a value out of range is a defect of the caller, user input goes through {@link parseSbdf}. */
export const makeSbdf = (segment: number, bus: number, devfn: number): Sbdf => {
  if (!(segment >= 0 && segment <= 0xffff && bus >= 0 && bus <= MAX_BUS && devfn >= 0 && devfn <= 0xff))
    throw new RangeError(`no SBDF: segment ${segment} bus ${bus} devfn ${devfn}`);
  return (((segment << 16) | (bus << 8) | devfn) >>> 0) as Sbdf;
};

export const segmentOf = (sbdf: Sbdf): number => sbdf >>> 16;

export const busOf = (sbdf: Sbdf): number => (sbdf >>> 8) & 0xff;

export const devfnOf = (sbdf: Sbdf): number => sbdf & 0xff;

export const slotOf = (sbdf: Sbdf): number => (sbdf >>> 3) & 0x1f;

export const functionOf = (sbdf: Sbdf): number => sbdf & 7;

/** bus:device.function without the segment: 16 bits. */
export const bdfOf = (sbdf: Sbdf): number => sbdf & 0xffff;

/** The same bus and device with another devfn. */
export const withDevfn = (sbdf: Sbdf, devfn: number): Sbdf => (((sbdf & ~0xff) | (devfn & 0xff)) >>> 0) as Sbdf;

/** Slot number of a devfn (Xen's PCI_SLOT); of more than 8 bits all are kept. */
export const slotOfDevfn = (devfn: number): number => devfn >>> 3;

const SBDF = /^(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-7])$/i;

/** `0000:03:10.0`, or without the segment (then segment 0); undefined if it is neither. */
export const parseSbdf = (text: string): Sbdf | undefined => {
  const match = SBDF.exec(text);
  if (match === null) return undefined;
  const [, segment = '0', bus = '', device = '', fn = ''] = match;
  const slot = Number.parseInt(device, 16);
  if (slot > 0x1f) return undefined;
  return makeSbdf(Number.parseInt(segment, 16), Number.parseInt(bus, 16), (slot << 3) | Number(fn));
};

const hexDigits = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

export const formatSbdf = (sbdf: Sbdf): string =>
  `${hexDigits(segmentOf(sbdf), 4)}:${hexDigits(busOf(sbdf), 2)}:${hexDigits(slotOf(sbdf), 2)}.${functionOf(sbdf)}`;
