// SPDX-License-Identifier: GPL-2.0-only

import { or, shiftLeft } from '../num/bits.ts';
import { barsRows, type Fault, romRow, within } from './bar-layout.ts';
import type { Row } from './config-image.ts';
import { MULTIFUNCTION } from './header-registers.ts';
import type { DeviceDescription } from './schema.ts';

/** Status bit 4: there is a capability list (PCI Local Bus 3.0, 6.2.3). */
const STATUS_CAPABILITIES = 0x10;
/** Command bits that devices implement: I/O, memory, bus master, parity, SERR#, interrupt disable (6.2.2). */
const COMMAND_WRITABLE = 0x547;
/** Of a VF only bus master can be written (SR-IOV 1.1, 3.4.1.3). */
const COMMAND_WRITABLE_VF = 0x4;
/** Status bits 15:11 and 8, in the command and status dword; of a bridge in the secondary status too. */
const STATUS_CLEARABLE = 0xf9000000;

const DEFAULT_CLASS = 0x020000;
const DEFAULT_REVISION = 1;
const DEFAULT_SUBSYSTEM = '1af4:0001';
/** A VF's vendor and device id (SR-IOV 1.1, 3.4.1.1 and 3.4.1.2). */
const VF_ID = 'ffff:ffff';

/** Vendor id in the low half, device id in the high half. */
const idDword = (pair: string): number =>
  Number.parseInt(pair.slice(5), 16) * 0x10000 + Number.parseInt(pair.slice(0, 4), 16);

const HEADERS = [
  { bars: 6, rom: 0x30 },
  { bars: 2, rom: 0x38 },
  { bars: 1, rom: undefined },
] as const;

const bridgeRows = ({ primary, secondary, subordinate }: NonNullable<DeviceDescription['buses']>): Row[] => [
  {
    name: 'Primary, Secondary, Subordinate Bus Number, Secondary Latency Timer',
    at: 0x18,
    value: primary + secondary * 0x100 + subordinate * 0x10000,
    writable: 0xffffffff,
  },
  // All windows closed (base above limit); the I/O window is 16-bit, the prefetchable one 64-bit.
  { name: 'I/O Base and Limit, Secondary Status', at: 0x1c, writable: 0xf0f0, writeOneToClear: STATUS_CLEARABLE },
  { name: 'Memory Base and Limit', at: 0x20, value: 0x0000fff0, writable: 0xfff0fff0 },
  { name: 'Prefetchable Memory Base and Limit', at: 0x24, value: 0x0001fff1, writable: 0xfff0fff0 },
  { name: 'Prefetchable Base Upper 32 Bits', at: 0x28, writable: 0xffffffff },
  { name: 'Prefetchable Limit Upper 32 Bits', at: 0x2c, writable: 0xffffffff },
  { name: 'Bridge Control', at: 0x3c, writable: 0x0fff0000 },
];

/**
 * Config space from 0 to 0x3f as PCI Local Bus 3.0, 6.2 and PCI-to-PCI Bridge 1.2, 3.2 lay it out.
 * `firstCapability`: where the capability list begins, undefined if there is none.
 */
export const headerRows = (device: DeviceDescription, firstCapability: number | undefined, fault: Fault): Row[] => {
  const isVf = device.vf !== undefined;
  const header = device.header ?? 0;
  const { bars: barCount, rom: romAt } = HEADERS[header];
  const id = device.id ?? (isVf ? VF_ID : undefined);
  if (id === undefined) fault([], 'id: missing; expected vendor and device id such as 8086:10c9');
  const status = device.status ?? (firstCapability === undefined ? 0 : STATUS_CAPABILITIES);
  const pin = device.interruptPin ?? (isVf ? 0 : 1);
  const rows: Row[] = [
    { name: 'Vendor ID, Device ID', at: 0x00, value: idDword(id ?? VF_ID) },
    {
      name: 'Command, Status',
      at: 0x04,
      value: or(device.command ?? 0, shiftLeft(status, 16)),
      writable: isVf ? COMMAND_WRITABLE_VF : COMMAND_WRITABLE,
      writeOneToClear: STATUS_CLEARABLE,
    },
    {
      name: 'Revision ID, Class Code',
      at: 0x08,
      value: or(device.revision ?? DEFAULT_REVISION, shiftLeft(device.class ?? DEFAULT_CLASS, 8)),
    },
    {
      name: 'Cache Line Size, Latency Timer, Header Type, BIST',
      at: 0x0c,
      value: shiftLeft(header + (device.multifunction === true ? MULTIFUNCTION : 0), 16),
      writable: 0xffff,
    },
    { name: 'Capabilities Pointer', at: 0x34, value: firstCapability ?? 0 },
    { name: 'Interrupt Line, Interrupt Pin', at: 0x3c, value: pin * 0x100, writable: 0xff },
  ];
  if (header === 1) rows.push(...bridgeRows(device.buses ?? { primary: 0, secondary: 0, subordinate: 0 }));
  else {
    rows.push({ name: 'Subsystem IDs', at: 0x2c, value: idDword(device.subsystem ?? DEFAULT_SUBSYSTEM) });
    if (device.buses !== undefined) fault(['buses'], 'buses: only a bridge (header: 1) has bus numbers');
  }
  if (Object.keys(device.bars ?? {}).length > 0 && isVf)
    fault(['bars'], "bars: a VF has none of its own; expected them in its PF's sriov capability");
  for (const row of barsRows(device.bars ?? {}, barCount, within(fault, 'bars')))
    rows.push({ ...row, at: 0x10 + row.at });
  if (device.rom !== undefined && (romAt === undefined || isVf)) fault(['rom'], 'rom: this kind of device has none');
  else if (device.rom !== undefined && romAt !== undefined) rows.push(romRow(device.rom, romAt, within(fault, 'rom')));
  return rows;
};
