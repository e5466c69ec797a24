// SPDX-License-Identifier: GPL-2.0-only

import { insert, or, shiftLeft } from '../num/bits.ts';
import { type Bars, barsRows, exact, type Fault, within } from './bar-layout.ts';
import { EXTENDED_CAPABILITY } from './capability-ids.ts';
import type { Row } from './config-image.ts';
import type { Capability, CapabilityOf } from './schema-capabilities.ts';

/** What an extended capability is made of, but for its header, which whoever links them puts in. */
export interface ExtendedLayout {
  /** Extended capability id (PCI Code and ID Assignment 1.11, 3). */
  readonly code: number;
  readonly version: number;
  readonly sizeBytes: number;
  readonly rows: readonly Row[];
  /** Of resizable BARs: offset of the control register in the capability, and the BAR. */
  readonly resizable?: readonly { readonly at: number; readonly bar: number }[];
}

const MEBIBYTE = 2n ** 20n;
/** 4 KiB, 8 KiB, 64 KiB, 256 KiB, 1 MiB, 4 MiB: what SR-IOV 1.1, 3.3.12 requires. */
const REQUIRED_PAGE_SIZES = 0x553;
const PAGE_SIZE_4K = 1;

const sriov = (capability: CapabilityOf<'sriov'>, fault: Fault): ExtendedLayout => {
  const { totalVfs, initialVfs = totalVfs, numVfs = 0, firstVfOffset, vfStride, vfDevice } = capability;
  const enable = (capability.vfEnable === true ? 0x1 : 0) + (capability.vfMemoryEnable === true ? 0x8 : 0);
  const bars = barsRows(capability.bars ?? {}, 6, within(fault, 'bars'));
  return {
    code: EXTENDED_CAPABILITY.sriov,
    version: 1,
    sizeBytes: 0x40,
    rows: [
      { name: 'SR-IOV Control, SR-IOV Status', at: 0x08, value: enable, writable: 0x1f },
      { name: 'InitialVFs, TotalVFs', at: 0x0c, value: or(initialVfs, shiftLeft(totalVfs, 16)) },
      { name: 'NumVFs, Function Dependency Link', at: 0x10, value: numVfs, writable: 0xffff },
      { name: 'First VF Offset, VF Stride', at: 0x14, value: or(firstVfOffset, shiftLeft(vfStride, 16)) },
      { name: 'VF Device ID', at: 0x18, value: shiftLeft(vfDevice, 16) },
      { name: 'Supported Page Sizes', at: 0x1c, value: capability.supportedPageSizes ?? REQUIRED_PAGE_SIZES },
      { name: 'System Page Size', at: 0x20, value: capability.systemPageSize ?? PAGE_SIZE_4K, writable: 0xffffffff },
      ...bars.map((row) => ({ ...row, at: 0x24 + row.at })),
    ],
  };
};

/** The size field that stands for a BAR of `size` bytes: 1 MiB << value. */
const currentSize = (size: bigint): number => Math.max(0, (size / MEBIBYTE).toString(2).length - 1);

/** PCI Express Base 5.0, 7.8.6; the number of BARs is in the first control register. */
const rebar = ({ bars }: CapabilityOf<'rebar'>, described: Bars): ExtendedLayout => ({
  code: EXTENDED_CAPABILITY.resizableBar,
  version: 1,
  sizeBytes: 4 + 8 * bars.length,
  rows: bars.flatMap(({ bar, sizes, current }, index) => {
    const size = exact(Object.entries(described).find(([key]) => Number(key) === bar)?.[1]?.size);
    const count = index === 0 ? insert(bars.length, 0xe0) : 0;
    return [
      { name: 'Resizable BAR Capability', at: 4 + 8 * index, value: shiftLeft(sizes, 4) },
      {
        name: 'Resizable BAR Control',
        at: 8 + 8 * index,
        value: bar + count + insert(current ?? currentSize(size), 0x3f00),
        writable: 0x3f00,
      },
    ];
  }),
  resizable: bars.map(({ bar }, index) => ({ at: 8 + 8 * index, bar })),
});

/** PCI Express Base 5.0, 7.7.8: the control bits are those of the capability. */
const acs = ({ supported = 0x1f }: CapabilityOf<'acs'>): ExtendedLayout => ({
  code: EXTENDED_CAPABILITY.acs,
  version: 1,
  sizeBytes: 8,
  rows: [{ name: 'ACS Capability, ACS Control', at: 4, value: supported, writable: shiftLeft(supported, 16) }],
});

/** Errors that PCI Express Base 5.0, 7.8.4.2 and 7.8.4.5 define. */
const UNCORRECTABLE = 0x07fff030;
const CORRECTABLE = 0xf1c1;

/** PCI Express Base 5.0, 7.8.4, as a function without root port registers has it. */
const aer = (): ExtendedLayout => ({
  code: 0x01,
  version: 2,
  sizeBytes: 0x2c,
  rows: [
    { name: 'Uncorrectable Error Status', at: 0x04, writeOneToClear: UNCORRECTABLE },
    { name: 'Uncorrectable Error Mask', at: 0x08, writable: UNCORRECTABLE },
    { name: 'Uncorrectable Error Severity', at: 0x0c, value: 0x00462030, writable: UNCORRECTABLE },
    { name: 'Correctable Error Status', at: 0x10, writeOneToClear: CORRECTABLE },
    { name: 'Correctable Error Mask', at: 0x14, value: 0xe000, writable: CORRECTABLE },
    { name: 'Advanced Error Capabilities and Control', at: 0x18, value: 0xa0, writable: 0x140 },
  ],
});

/** PCI Express Base 5.0, 7.8.7. */
const ari = ({ nextFunction = 0 }: CapabilityOf<'ari'>): ExtendedLayout => ({
  code: 0x0e,
  version: 1,
  sizeBytes: 8,
  rows: [{ name: 'ARI Capability, ARI Control', at: 4, value: nextFunction * 0x100 }],
});

const ext = ({ code, version = 1, data = [] }: CapabilityOf<'ext'>): ExtendedLayout => ({
  code,
  version,
  sizeBytes: 4 + 4 * data.length,
  rows: data.map((value, index) => ({ name: 'Data', at: 4 + 4 * index, value })),
});

/** The layout of a capability of the extended list; undefined for one of the legacy list. `bars`: the device's own. */
export const extendedLayout = (capability: Capability, bars: Bars, fault: Fault): ExtendedLayout | undefined => {
  switch (capability.id) {
    case 'sriov':
      return sriov(capability, fault);
    case 'rebar':
      return rebar(capability, bars);
    case 'acs':
      return acs(capability);
    case 'aer':
      return aer();
    case 'ari':
      return ari(capability);
    case 'ext':
      return ext(capability);
    default:
      return undefined;
  }
};
