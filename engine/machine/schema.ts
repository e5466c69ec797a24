// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { MAX_RANGES } from './limits.ts';
import { capability } from './schema-capabilities.ts';
import {
  address,
  bars,
  dwords,
  flag,
  integer,
  listOf,
  oneOf,
  record,
  register,
  sbdfText,
  size,
  text,
} from './schema-kinds.ts';

const busNumber = integer(0, 0xff, 'a bus number from 0 to 0xff');

/** What a device has in both forms. In the friendly form registers and masks replace what the rest describes. */
const plainShape = {
  registers: dwords.nullish().describe('dwords of config space by offset; absent: 0'),
  writable: dwords.nullish().describe('bits that a write changes'),
  writeOneToClear: dwords.nullish().describe('bits that are cleared by writing 1'),
  extended: flag('whether registers from 0x100 on exist').optional(),
  aliased: flag('extended space mirrors the first 256 bytes').optional(),
  present: flag('false: absent until hw.plug').optional(),
  presentWith: sbdfText.optional().describe("present while this PF's VF Enable is set"),
  sriov: register.optional().describe('offset of the SR-IOV capability'),
  resizable: listOf(
    record({ control: register, bar: integer(0, 7, 'a BAR index from 0 to 7') }),
    6,
    'a list of control registers and their BARs',
  ).optional(),
  stickyMemoryDecoding: flag('command bit 1, once set, stays').optional(),
};

const ID = 'vendor and device id such as 8086:10c9';
const idPair = text(/^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$/, ID);

const friendlyShape = {
  id: idPair.optional(),
  revision: integer(0, 0xff, 'a revision from 0 to 0xff').optional(),
  class: integer(0, 0xffffff, 'a class code such as 0x020000').optional(),
  subsystem: idPair.optional(),
  header: oneOf([0, 1, 2]).optional().describe('0 device, 1 PCI bridge, 2 CardBus bridge'),
  multifunction: flag('more functions may follow function 0').optional(),
  command: integer(0, 0xffff, 'a command register value from 0 to 0xffff').optional(),
  status: integer(0, 0xffff, 'a status register value from 0 to 0xffff').optional(),
  interruptPin: integer(0, 4, 'an interrupt pin from 0 to 4').optional(),
  buses: record({ primary: busNumber, secondary: busNumber, subordinate: busNumber }).optional(),
  bars: bars.optional(),
  rom: record({ address: address.optional(), size, enabled: flag('the enable bit').optional() }).optional(),
  capabilities: listOf(capability, 64, 'a list of capabilities').optional(),
  vf: record({ of: sbdfText, always: flag('present whether or not VF Enable is set').optional() }).optional(),
};

/** The keys that make a description a friendly one. */
export const FRIENDLY_KEYS: readonly string[] = Object.keys(friendlyShape);

/** One device, in either form. */
export const deviceSchema = record({ ...friendlyShape, ...plainShape });

export type DeviceDescription = z.infer<typeof deviceSchema>;

const RANGE = 'an inclusive range of bytes such as 0x100000-0x7fffffff';
const BUSES = 'a range of buses such as 0-255';

export const ARCHS = ['x86', 'x86-guest-vpci', 'x86-guest-vpci-io', 'arm'] as const;

/** What is validated by those who use it. */
const FURTHER = { deviceTree: z.unknown(), grants: z.unknown(), arm: z.unknown() };

export const FURTHER_KEYS: readonly string[] = Object.keys(FURTHER);

const headShape = {
  machine: oneOf([1]).describe('version of this format'),
  arch: oneOf(ARCHS),
  memoryMap: listOf(
    text(/^(?:0x[0-9a-fA-F]{1,14}|[0-9]{1,16})-(?:0x[0-9a-fA-F]{1,14}|[0-9]{1,16})$/, RANGE),
    MAX_RANGES,
    `a list, each item ${RANGE}`,
  ).nullish(),
  ecam: listOf(
    record({
      segment: integer(0, 0xffff, 'a segment from 0 to 0xffff'),
      base: integer(0, Number.MAX_SAFE_INTEGER, 'the address of bus 0: a multiple of 0x100000').multipleOf(0x100000, {
        error: 'the address of bus 0: a multiple of 0x100000',
      }),
      buses: text(/^[0-9]{1,3}-[0-9]{1,3}$/, BUSES),
    }),
    MAX_RANGES,
    'a list of ECAM windows',
  ).nullish(),
  deviceTree: FURTHER.deviceTree.optional(),
  grants: FURTHER.grants.optional(),
  arm: FURTHER.arm.optional(),
};

/** A machine file but for what its devices are. */
export const headSchema = record({
  ...headShape,
  devices: z.record(z.string(), z.unknown(), { error: 'a map of SBDFs to devices' }).nullish(),
});

export type MachineHead = z.infer<typeof headSchema>;

/** A whole machine file; `json-schema.ts` publishes it. */
export const machineSchema = record({
  ...headShape,
  devices: z.record(sbdfText, deviceSchema, { error: 'a map of SBDFs to devices' }).nullish(),
});
