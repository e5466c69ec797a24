// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';
import { extract, has, lowBits, or } from '../num/bits.ts';
import { field, type RegisterRule, type StructureAt } from './register-rule.ts';

/** PCI Bus Power Management 1.2, 3.2. */
const POWER_MANAGEMENT: readonly RegisterRule[] = [
  {
    name: 'PMCSR',
    offset: 0x04,
    // Power state and data select; PME enable and PME status only where some state supports PME.
    writable: (at) => (has(field(at, 0), 0xf8000000) ? 0x1f03 : 0x1e03),
    writeOneToClear: (at) => (has(field(at, 0), 0xf8000000) ? 0x8000 : 0),
  },
];

/** PCI Local Bus 3.0, appendix I. */
const VITAL_PRODUCT_DATA: readonly RegisterRule[] = [
  { name: 'VPD Address, F', offset: 0x00, writable: 0xffff0000 },
  { name: 'VPD Data', offset: 0x04, writable: 0xffffffff },
];

const is64Bit = (at: StructureAt): boolean => has(field(at, 0), 0x00800000);
const isMaskable = (at: StructureAt): boolean => has(field(at, 0), 0x01000000);

/** One mask bit per vector that Multiple Message Capable allows. */
const vectorMask = (at: StructureAt): number => lowBits(2 ** Math.min(5, extract(field(at, 0), 0x000e0000)));

/** PCI Local Bus 3.0, 6.8.1. */
const MSI: readonly RegisterRule[] = [
  {
    name: 'Message Control: MSI Enable, Multiple Message Enable, Extended Message Data Enable',
    offset: 0x00,
    writable: (at) => (has(field(at, 0), 0x02000000) ? 0x04710000 : 0x00710000),
  },
  { name: 'Message Address', offset: 0x04, writable: 0xfffffffc },
  { name: 'Message Upper Address', offset: 0x08, writable: 0xffffffff, when: is64Bit },
  { name: 'Message Data', offset: 0x0c, writable: 0xffff, when: is64Bit },
  { name: 'Message Data', offset: 0x08, writable: 0xffff, when: (at) => !is64Bit(at) },
  { name: 'Mask Bits', offset: 0x10, writable: vectorMask, when: (at) => isMaskable(at) && is64Bit(at) },
  { name: 'Mask Bits', offset: 0x0c, writable: vectorMask, when: (at) => isMaskable(at) && !is64Bit(at) },
];

/** PCI Local Bus 3.0, 6.8.2. */
const MSI_X: readonly RegisterRule[] = [
  { name: 'Message Control: MSI-X Enable, Function Mask', offset: 0x00, writable: 0xc0000000 },
];

/** Values of Device/Port Type (PCI Express Base 6.0, 7.5.3.2). */
const PORT = { root: 4, upstream: 5, downstream: 6, toPci: 7, eventCollector: 10 } as const;

const portType = (at: StructureAt): number => extract(field(at, 0), 0x00f00000);
const isVersion2 = (at: StructureAt): boolean => extract(field(at, 0), 0x000f0000) >= 2;
const isDownstream = (at: StructureAt): boolean => portType(at) === PORT.root || portType(at) === PORT.downstream;
const isRoot = (at: StructureAt): boolean => portType(at) === PORT.root || portType(at) === PORT.eventCollector;
const hasSlot = (at: StructureAt): boolean => isDownstream(at) && has(field(at, 0), 0x01000000);
const onlyIf = (condition: boolean, mask: number): number => (condition ? mask : 0);

/** Error reporting, relaxed ordering, payload size, no snoop, read request size; the rest as Device Capabilities allow. */
const deviceControl = (at: StructureAt): number => {
  const capabilities = field(at, 0x04);
  const optional = or(onlyIf(has(capabilities, 0x20), 0x0100), onlyIf(has(capabilities, 0x18), 0x0200));
  return or(or(0x78ff, optional), onlyIf(portType(at) === PORT.toPci, 0x8000));
};

/** ASPM, common clock, extended synch; link disable downstream, read completion boundary elsewhere. */
const linkControl = (at: StructureAt): number => {
  const capabilities = field(at, 0x0c);
  const side = isDownstream(at) ? 0x0010 : 0x0008;
  const bandwidth = onlyIf(isDownstream(at) && has(capabilities, 0x00200000), 0x0c00);
  return or(or(0x00c3, side), or(bandwidth, onlyIf(has(capabilities, 0x00040000), 0x0100)));
};

const deviceControl2 = (at: StructureAt): number => {
  const capabilities = field(at, 0x24);
  const timeout = or(onlyIf(has(capabilities, 0x0f), 0x000f), onlyIf(has(capabilities, 0x10), 0x0010));
  const ari = onlyIf(isDownstream(at) && has(capabilities, 0x20), 0x0020);
  const ltr = or(onlyIf(has(capabilities, 0x0800), 0x0400), onlyIf(has(capabilities, 0x000c0000), 0x6000));
  const prefix = onlyIf(isDownstream(at) && has(capabilities, 0x00200000), 0x8000);
  return or(or(timeout, ari), or(ltr, prefix));
};

/** PCI Express Base 6.0, 7.5.3. */
const PCI_EXPRESS: readonly RegisterRule[] = [
  { name: 'Device Control / Status', offset: 0x08, writable: deviceControl, writeOneToClear: 0x000f0000 },
  {
    name: 'Link Control / Status',
    offset: 0x10,
    writable: linkControl,
    // Bandwidth management status, of downstream ports that report it.
    writeOneToClear: (at) => onlyIf(isDownstream(at) && has(field(at, 0x0c), 0x00200000), 0xc0000000),
    when: (at) => portType(at) < 9,
  },
  { name: 'Slot Control / Status', offset: 0x18, writable: 0x1fff, writeOneToClear: 0x011f0000, when: hasSlot },
  {
    name: 'Root Control / Capabilities',
    offset: 0x1c,
    writable: (at) => or(0x000f, onlyIf(has(field(at, 0x1c), 0x00010000), 0x0010)),
    when: isRoot,
  },
  { name: 'Root Status', offset: 0x20, writeOneToClear: 0x00010000, when: isRoot },
  { name: 'Device Control 2', offset: 0x28, writable: deviceControl2, when: isVersion2 },
  {
    name: 'Link Control 2',
    offset: 0x30,
    // Target link speed, compliance, transmit margin; a device of one speed may hardwire them to 0.
    writable: (at) => onlyIf(has(field(at, 0x2c), 0xfe), 0xff9f),
    when: (at) => isVersion2(at) && portType(at) < 9,
  },
];

/** What a write can change in each legacy capability; a rule list that is empty says: nothing. */
export const CAPABILITY_RULES: ReadonlyMap<number, readonly RegisterRule[]> = new Map([
  [CAPABILITY.powerManagement, POWER_MANAGEMENT],
  [0x03, VITAL_PRODUCT_DATA],
  [CAPABILITY.msi, MSI],
  [0x0d, []], // Subsystem vendor and device id
  [CAPABILITY.pciExpress, PCI_EXPRESS],
  [CAPABILITY.msix, MSI_X],
  [0x12, []], // SATA index and data pair: in the BAR
  [0x13, []], // Advanced features: writes start things, nothing stays
]);
