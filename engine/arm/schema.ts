// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { type ParsedPart, partProblems } from '../machine/part.ts';
import { hex } from '../num/u64.ts';
import type { ArmMachine, GuestLayout, HostBridgeNode, Region } from './description.ts';
import { DEFAULT_ARM_OPTIONS } from './description.ts';
import { GUEST_WINDOWS } from './guest-layout.ts';

const HEX_TEXT = /^0x[0-9a-f]{1,16}$/i;

/** Numbers beyond 2^53 have to be quoted: a YAML reader would round them. */
const address = z
  .union([z.int().nonnegative(), z.string().regex(HEX_TEXT, 'expected a number, or quoted 0x… of up to 64 bits')])
  .describe('A 64-bit number; beyond 2^53 as text "0x…"');

const cell = z.int().nonnegative().max(0xffffffff);

const region = z.strictObject({ name: z.string().min(1).optional(), address, size: address });

const range = z.strictObject({
  flags: cell.describe('First cell of the entry: 0x01000000 I/O, 0x02000000 memory, 0x43000000 prefetchable'),
  pci: address.optional().describe('Address on the PCI bus; default: the same as cpu'),
  cpu: address,
  size: address,
});

const BUS_RANGE = /^(?:0x[0-9a-f]+|\d+)-(?:0x[0-9a-f]+|\d+)$/i;

const hostBridge = z.strictObject({
  path: z.string().startsWith('/').optional().describe('Default: /pcie@ and the first address of reg'),
  compatible: z.string().default('pci-host-ecam-generic'),
  deviceType: z.string().nullable().default('pci').describe('null: no device_type property'),
  name: z.string().optional().describe('name property; default: from the path'),
  status: z.enum(['okay', 'disabled']).default('okay'),
  passthrough: z.boolean().default(false).describe('xen,passthrough'),
  regs: z.array(region).default([]).describe('reg with reg-names, in device tree order'),
  busRange: z
    .union([z.tuple([cell, cell]), z.string().regex(BUS_RANGE, 'expected first-last')])
    .optional()
    .describe('bus-range'),
  pciDomain: cell.optional().describe('linux,pci-domain'),
  ranges: z.array(range).optional().describe('Absent: no ranges property'),
  numViewport: cell.optional().describe('num-viewport'),
  its: z.string().optional().describe('Path of the ITS that the interrupt parent leads to'),
});

const area = z.strictObject({ address, size: address });

const guest = z.strictObject({
  areas: z
    .strictObject({ low: area, high: area })
    .optional()
    .describe("Kept for BARs, below and above 4 GiB; default: the windows of today's guests"),
  its: address.optional().describe('Registers of the virtual ITS; absent: guests have none'),
});

/** The `arm:` key of a machine file. */
export const armMachineSchema = z.strictObject({
  options: z
    .strictObject({
      hasVpci: z.boolean().default(DEFAULT_ARM_OPTIONS.hasVpci),
      pciPassthrough: z.boolean().default(DEFAULT_ARM_OPTIONS.pciPassthrough),
      iommu: z.boolean().default(DEFAULT_ARM_OPTIONS.iommu),
      acpi: z.boolean().default(DEFAULT_ARM_OPTIONS.acpi),
    })
    .default(DEFAULT_ARM_OPTIONS),
  hostBridges: z.array(hostBridge).default([]),
  its: z
    .array(z.strictObject({ path: z.string().startsWith('/'), address }))
    .default([])
    .describe('ITSes of the host'),
  guest: guest.default({}).describe('What the toolstack lays out for guests'),
});

type BusRange = z.output<typeof hostBridge>['busRange'];

const readBusRange = (value: BusRange): readonly [number, number] | undefined => {
  if (typeof value !== 'string') return value;
  const [first = '', last = ''] = value.split('-');
  return [Number(first), Number(last)];
};

const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/@.*$/, '');

const readNode = (raw: z.output<typeof hostBridge>): HostBridgeNode => {
  const regs = raw.regs.map((reg) => ({ name: reg.name, address: BigInt(reg.address), size: BigInt(reg.size) }));
  const path = raw.path ?? `/pcie@${hex(regs[0]?.address ?? 0n).slice(2)}`;
  return {
    path,
    compatible: raw.compatible,
    deviceType: raw.deviceType ?? undefined,
    name: raw.name ?? nameIn(path),
    status: raw.status,
    passthrough: raw.passthrough,
    regs,
    busRange: readBusRange(raw.busRange),
    pciDomain: raw.pciDomain,
    ranges: raw.ranges?.map(({ flags, pci, cpu, size }) => ({
      flags,
      pci: BigInt(pci ?? cpu),
      cpu: BigInt(cpu),
      size: BigInt(size),
    })),
    numViewport: raw.numViewport,
    its: raw.its,
  };
};

const readRegion = (raw: z.output<typeof area>): Region => ({ address: BigInt(raw.address), size: BigInt(raw.size) });

const readGuest = ({ areas, its }: z.output<typeof guest>): GuestLayout => ({
  areas: areas === undefined ? GUEST_WINDOWS : { low: readRegion(areas.low), high: readRegion(areas.high) },
  its: its === undefined ? undefined : BigInt(its),
});

/** Reads the `arm:` key of a machine file; every fault is listed with the key it is at. */
export const parseArmMachine = (value: unknown): ParsedPart<ArmMachine> => {
  const result = armMachineSchema.safeParse(value);
  if (!result.success) return { ok: false, problems: partProblems(['arm'], result.error.issues) };
  const { options, its, guest } = result.data;
  const hostBridges = result.data.hostBridges.map(readNode);
  return {
    ok: true,
    value: {
      ...{ options, hostBridges, guest: readGuest(guest) },
      its: its.map((node) => ({ path: node.path, address: BigInt(node.address) })),
    },
  };
};
