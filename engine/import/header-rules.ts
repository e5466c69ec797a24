// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';

import { dwordAt, findLegacy } from '../machine/config-dump.ts';
import { and, has } from '../num/bits.ts';
import { field, type RegisterRule, type StructureAt } from './register-rule.ts';

const isExpress = (at: StructureAt): boolean => findLegacy(at.image, CAPABILITY.pciExpress) !== undefined;

/** A PCI Express to PCI bridge has a conventional bus below it, with the bits that go with one. */
const bridgesToConventional = (at: StructureAt): boolean => {
  const express = findLegacy(at.image, CAPABILITY.pciExpress);
  return express === undefined || and(dwordAt(at.image, express), 0x00f00000) === 0x00700000;
};

/** Both header types (PCI Express Base 6.0, 7.5.1.1; PCI Local Bus 3.0, 6.2). */
export const COMMON_RULES: readonly RegisterRule[] = [
  {
    name: 'Command / Status',
    offset: 0x04,
    // I/O, memory, bus master, parity error response, SERR# enable, interrupt disable.
    writable: 0x0547,
    // Master data parity error, the target and master aborts, system error, detected parity error.
    writeOneToClear: 0xf9000000,
  },
  {
    name: 'Cache Line Size, Latency Timer',
    offset: 0x0c,
    // The latency timer is hardwired to 0 on PCI Express.
    writable: (at) => (isExpress(at) ? 0x00ff : 0xffff),
  },
  { name: 'Interrupt Line', offset: 0x3c, writable: 0x00ff },
];

/** Type 1 (PCI Express Base 6.0, 7.5.1.3; PCI-to-PCI Bridge 1.2, 3.2). BARs and ROM are sized apart. */
export const BRIDGE_RULES: readonly RegisterRule[] = [
  {
    name: 'Primary, Secondary, Subordinate Bus Number, Secondary Latency Timer',
    offset: 0x18,
    writable: (at) => (bridgesToConventional(at) ? 0xffffffff : 0x00ffffff),
  },
  {
    name: 'I/O Base, I/O Limit / Secondary Status',
    offset: 0x1c,
    writable: 0xf0f0,
    writeOneToClear: 0xf9000000,
  },
  { name: 'Memory Base / Memory Limit', offset: 0x20, writable: 0xfff0fff0 },
  { name: 'Prefetchable Memory Base / Limit', offset: 0x24, writable: 0xfff0fff0 },
  {
    name: 'Prefetchable Base Upper 32 Bits',
    offset: 0x28,
    writable: 0xffffffff,
    when: (at) => has(field(at, 0x24), 0x1),
  },
  {
    name: 'Prefetchable Limit Upper 32 Bits',
    offset: 0x2c,
    writable: 0xffffffff,
    when: (at) => has(field(at, 0x24), 0x1),
  },
  {
    name: 'I/O Base / Limit Upper 16 Bits',
    offset: 0x30,
    writable: 0xffffffff,
    when: (at) => has(field(at, 0x1c), 0x1),
  },
  {
    name: 'Bridge Control',
    offset: 0x3c,
    // Parity, SERR#, ISA, VGA, VGA 16-bit, secondary bus reset; with a conventional bus below also master abort mode
    // and the discard timers, whose status is cleared by writing 1.
    writable: (at) => (bridgesToConventional(at) ? 0x0b7f0000 : 0x005f0000),
    writeOneToClear: (at) => (bridgesToConventional(at) ? 0x04000000 : 0),
  },
];
