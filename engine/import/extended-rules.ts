// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';

import { findLegacy } from '../machine/config-dump.ts';
import { and, extract, has, or, shiftLeft } from '../num/bits.ts';
import { field, type RegisterRule, type StructureAt } from './register-rule.ts';

/** Uncorrectable errors that PCI Express Base 4.0 knows: bits 4, 5 and 12 to 25. Older devices have fewer. */
const UNCORRECTABLE = 0x03fff030;
/** Correctable errors: bits 0, 6 to 8 and 12 to 15. */
const CORRECTABLE = 0x0000f1c1;

/** Root ports and event collectors have the root error registers. */
const isRoot = (at: StructureAt): boolean => {
  const express = findLegacy(at.image, CAPABILITY.pciExpress);
  const type = express === undefined ? 0 : extract(field({ image: at.image, base: express }, 0), 0x00f00000);
  return type === 4 || type === 10;
};

/** PCI Express Base 6.0, 7.8.4. */
const ADVANCED_ERRORS: readonly RegisterRule[] = [
  { name: 'Uncorrectable Error Status', offset: 0x04, writeOneToClear: UNCORRECTABLE },
  { name: 'Uncorrectable Error Mask', offset: 0x08, writable: UNCORRECTABLE },
  { name: 'Uncorrectable Error Severity', offset: 0x0c, writable: UNCORRECTABLE },
  { name: 'Correctable Error Status', offset: 0x10, writeOneToClear: CORRECTABLE },
  { name: 'Correctable Error Mask', offset: 0x14, writable: CORRECTABLE },
  {
    name: 'Advanced Error Capabilities and Control',
    offset: 0x18,
    // ECRC generation and check, multiple header recording: each where its capability bit is set.
    writable: (at) => {
      const capable = and(field(at, 0x18), 0x2a0);
      return and(shiftLeft(capable, 1), 0x540);
    },
  },
  { name: 'Root Error Command', offset: 0x2c, writable: 0x7, when: isRoot },
  { name: 'Root Error Status', offset: 0x30, writeOneToClear: 0x7f, when: isRoot },
];

/** PCI Express Base 6.0, 7.7.11: each control bit where its capability bit is set. */
const ACCESS_CONTROL: readonly RegisterRule[] = [
  { name: 'ACS Control', offset: 0x04, writable: (at) => shiftLeft(and(field(at, 0x04), 0x7f), 16) },
];

/** PCI Express Base 6.0, 7.8.8. */
const ARI: readonly RegisterRule[] = [
  {
    name: 'ARI Control',
    offset: 0x04,
    writable: (at) => {
      const capable = and(field(at, 0x04), 0x3);
      return shiftLeft(or(capable, has(capable, 0x1) ? 0x70 : 0), 16);
    },
  },
];

/** PCI Express Base 6.0, 10.5.1. */
const ATS: readonly RegisterRule[] = [{ name: 'ATS Control', offset: 0x04, writable: 0x801f0000 }];

/** PCI Express Base 6.0, 9.3.3; VF BARs are sized apart. */
const SR_IOV: readonly RegisterRule[] = [
  {
    name: 'SR-IOV Control / Status',
    offset: 0x08,
    writable: (at) => (has(field(at, 0x04), 0x1) ? 0x1f : 0x19),
    writeOneToClear: (at) => (has(field(at, 0x04), 0x1) ? 0x00010000 : 0),
  },
  { name: 'NumVFs', offset: 0x10, writable: 0xffff },
  { name: 'System Page Size', offset: 0x20, writable: (at) => field(at, 0x1c) },
];

/** PCI Express Base 6.0, 10.5.2. */
const PAGE_REQUEST: readonly RegisterRule[] = [
  { name: 'Page Request Control / Status', offset: 0x04, writable: 0x1, writeOneToClear: 0x00030000 },
  { name: 'Outstanding Page Request Allocation', offset: 0x0c, writable: 0xffffffff },
];

/** PCI Express Base 6.0, 10.5.3: each enable where its capability bit is set. */
const PASID: readonly RegisterRule[] = [
  {
    name: 'PASID Control',
    offset: 0x04,
    writable: (at) => shiftLeft(or(0x1, and(field(at, 0x04), 0x6)), 16),
  },
];

/** PCI Express Base 6.0, 7.8.2. */
const LATENCY_TOLERANCE: readonly RegisterRule[] = [
  { name: 'Max Snoop / No-Snoop Latency', offset: 0x04, writable: 0x1fff1fff },
];

/** PCI Express Base 6.0, 7.8.3. */
const L1_SUBSTATES: readonly RegisterRule[] = [
  { name: 'L1 PM Substates Control 1', offset: 0x08, writable: 0xe3ffff0f },
  { name: 'L1 PM Substates Control 2', offset: 0x0c, writable: 0x000000fb },
];

/** PCI Express Base 6.0, 7.9.15. */
const PRECISION_TIME: readonly RegisterRule[] = [{ name: 'PTM Control', offset: 0x08, writable: 0x0000ff03 }];

/** What a write can change in each extended capability; a rule list that is empty says: nothing. */
export const EXTENDED_RULES: ReadonlyMap<number, readonly RegisterRule[]> = new Map([
  [0x0001, ADVANCED_ERRORS],
  [0x0003, []], // Device serial number
  [0x000d, ACCESS_CONTROL],
  [0x000e, ARI],
  [0x000f, ATS],
  [0x0010, SR_IOV],
  [0x0013, PAGE_REQUEST],
  [0x0015, []], // Resizable BAR: done with the BARs
  [0x0018, LATENCY_TOLERANCE],
  [0x001b, PASID],
  [0x001e, L1_SUBSTATES],
  [0x001f, PRECISION_TIME],
  [0x0025, []], // Data link feature: exchange enable only, left alone
]);
