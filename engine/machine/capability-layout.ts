// SPDX-License-Identifier: GPL-2.0-only
import { highestBit, insert, or, shiftLeft } from '../num/bits.ts';
import { CAPABILITY } from './capability-ids.ts';
import type { Row } from './config-image.ts';
import { type Capability, type CapabilityOf, PCIE_TYPES } from './schema-capabilities.ts';

/** What a capability of the legacy list is made of; the pointer to the next one is put in by whoever links them. */
export interface Layout {
  /** Capability id (PCI Code and ID Assignment 1.11, 2). */
  readonly code: number;
  readonly sizeBytes: number;
  readonly rows: readonly Row[];
  /** Bytes from offset 2 on, for capabilities whose content is free. */
  readonly bytes?: readonly number[];
  readonly bytesWritable?: boolean;
}

/** A value for the upper half of the first dword, where most capabilities have their control register. */
const control = (value: number): number => shiftLeft(value, 16);

const bit = (at: number, set: boolean | undefined): number => (set === true ? shiftLeft(1, at) : 0);

/** PCI Bus Power Management Interface 1.2, 3.2. */
const pm = ({ version = 3 }: CapabilityOf<'pm'>): Layout => ({
  code: CAPABILITY.powerManagement,
  sizeBytes: 8,
  rows: [
    { name: 'Power Management Capabilities', at: 0, value: control(version) },
    { name: 'Power Management Control/Status', at: 4, writable: 0x3 },
  ],
});

/** PCI Local Bus 3.0, 6.8.1. */
const msi = (capability: CapabilityOf<'msi'>): Layout => {
  const { address64 = false, maskable = false, vectors = 1, enabled } = capability;
  const flags = bit(0, enabled) + insert(highestBit(vectors) - 1, 0xe) + bit(7, address64) + bit(8, maskable);
  const data = address64 ? 0xc : 0x8;
  const rows: Row[] = [
    { name: 'Message Control', at: 0, value: control(flags), writable: 0x00710000 },
    { name: 'Message Address', at: 4, writable: 0xfffffffc },
    { name: 'Message Data', at: data, writable: 0xffff },
  ];
  if (address64) rows.push({ name: 'Message Upper Address', at: 8, writable: 0xffffffff });
  // One mask bit per vector.
  if (maskable) rows.push({ name: 'Mask Bits', at: data + 4, writable: 2 ** vectors - 1 });
  return { code: CAPABILITY.msi, sizeBytes: data + (maskable ? 12 : 2), rows };
};

/** PCI Local Bus 3.0, 6.8.2. */
const msix = ({ entries, table, pba, enabled, masked }: CapabilityOf<'msix'>): Layout => ({
  code: CAPABILITY.msix,
  sizeBytes: 12,
  rows: [
    {
      name: 'Message Control',
      at: 0,
      value: control(entries - 1 + bit(14, masked) + bit(15, enabled)),
      writable: 0xc0000000,
    },
    { name: 'Table Offset/Table BIR', at: 4, value: or(table.offset, table.bar) },
    { name: 'PBA Offset/PBA BIR', at: 8, value: or(pba.offset, pba.bar) },
  ],
});

/** PCI Express Base 5.0, 7.5.3; version 1 (PCI Express Base 1.1) ends before Device Capabilities 2. */
const pcie = ({ type, version = 2, phantomFunctions = 0 }: CapabilityOf<'pcie'>): Layout => ({
  code: CAPABILITY.pciExpress,
  sizeBytes: version === 1 ? 0x24 : 0x3c,
  rows: [
    { name: 'PCI Express Capabilities', at: 0, value: control(version + insert(PCIE_TYPES[type], 0xf0)) },
    { name: 'Device Capabilities', at: 0x04, value: insert(phantomFunctions, 0x18) },
    { name: 'Device Control, Device Status', at: 0x08, writable: 0x7fff, writeOneToClear: 0x000f0000 },
    { name: 'Link Control', at: 0x10, writable: 0xfff },
  ],
});

/** PCI-X Addendum 2.0, 7.2. */
const pcix = ({ status = 0 }: CapabilityOf<'pcix'>): Layout => ({
  code: CAPABILITY.pciX,
  sizeBytes: 8,
  rows: [{ name: 'PCI-X Status', at: 4, value: status }],
});

/** PCI Local Bus 3.0, appendix I. */
const vpd = (): Layout => ({
  code: 0x03,
  sizeBytes: 8,
  rows: [
    { name: 'VPD Address', at: 0, writable: 0xffff0000 },
    { name: 'VPD Data', at: 4, writable: 0xffffffff },
  ],
});

/** PCI Local Bus 3.0, appendix H: a length byte, then what the vendor likes. */
const vendor = ({ size, data = [], writable = false }: CapabilityOf<'vendor'>): Layout => ({
  code: 0x09,
  sizeBytes: size,
  rows: [],
  bytes: [size, ...data],
  bytesWritable: writable,
});

const cap = ({ code, size = 4, data = [], writable = false }: CapabilityOf<'cap'>): Layout => ({
  code,
  sizeBytes: size,
  rows: [],
  bytes: data,
  bytesWritable: writable,
});

/** The layout of a capability of the legacy list; undefined for one of the extended list. */
export const legacyLayout = (capability: Capability): Layout | undefined => {
  switch (capability.id) {
    case 'pm':
      return pm(capability);
    case 'msi':
      return msi(capability);
    case 'msix':
      return msix(capability);
    case 'pcie':
      return pcie(capability);
    case 'pcix':
      return pcix(capability);
    case 'vpd':
      return vpd();
    case 'vendor':
      return vendor(capability);
    case 'cap':
      return cap(capability);
    default:
      return undefined;
  }
};
