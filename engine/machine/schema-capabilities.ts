// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { bars, dword, flag, integer, listOf, oneOf, record } from './schema-kinds.ts';

const LEGACY = 'the offset of a capability: a multiple of 4 from 0x40 to 0xfc';
const EXTENDED = 'the offset of an extended capability: a multiple of 4 from 0x100 to 0xffc';

const legacy = integer(0x40, 0xfc, LEGACY).multipleOf(4, { error: LEGACY });
const extended = integer(0x100, 0xffc, EXTENDED).multipleOf(4, { error: EXTENDED });
const bytes = listOf(integer(0, 0xff, 'a byte'), 0x100, 'a list of bytes').optional();
const barOffset = record({
  bar: integer(0, 7, 'a BAR indicator from 0 to 7'),
  offset: integer(0, 0xfffffff8, 'an offset in the BAR: a multiple of 8').multipleOf(8, {
    error: 'an offset in the BAR: a multiple of 8',
  }),
});

/** PCI Express device and port types (PCI Express Base 5.0, 7.5.3.2). */
export const PCIE_TYPES = {
  endpoint: 0,
  'legacy-endpoint': 1,
  'root-port': 4,
  upstream: 5,
  downstream: 6,
  'pci-bridge': 7,
  'pcie-bridge': 8,
  'root-complex-endpoint': 9,
  'root-complex-event-collector': 10,
} as const;

export type PcieType = keyof typeof PCIE_TYPES;

// Object.keys gives exactly the names that PcieType is made of.
const pcieTypes = Object.keys(PCIE_TYPES) as PcieType[];

const choices = [
  record({
    id: z.literal('pm'),
    offset: legacy,
    version: integer(1, 7, 'a version from 1 to 7').optional(),
  }),
  record({
    id: z.literal('msi'),
    offset: legacy,
    address64: flag('64-bit message address').optional(),
    maskable: flag('per-vector masking').optional(),
    vectors: oneOf([1, 2, 4, 8, 16, 32]).optional(),
    enabled: flag('MSI Enable').optional(),
  }),
  record({
    id: z.literal('msix'),
    offset: legacy,
    entries: integer(1, 2048, 'a number of table entries from 1 to 2048'),
    table: barOffset,
    pba: barOffset,
    enabled: flag('MSI-X Enable').optional(),
    masked: flag('Function Mask').optional(),
  }),
  record({
    id: z.literal('pcie'),
    offset: legacy,
    type: oneOf(pcieTypes),
    version: integer(1, 15, 'a version from 1 to 15').optional(),
    phantomFunctions: integer(0, 3, 'a number of phantom function bits from 0 to 3').optional(),
  }),
  record({ id: z.literal('pcix'), offset: legacy, status: dword.optional() }),
  record({ id: z.literal('vpd'), offset: legacy }),
  record({
    id: z.literal('vendor'),
    offset: legacy,
    size: integer(3, 0xc0, 'a size in bytes from 3 to 0xc0'),
    data: bytes.describe('what follows the length byte'),
    writable: flag('whether what follows the length byte can be written').optional(),
  }),
  record({
    id: z.literal('cap'),
    code: integer(0, 0xff, 'a capability id from 0 to 0xff'),
    offset: legacy,
    size: integer(2, 0xc0, 'a size in bytes from 2 to 0xc0').optional(),
    data: bytes.describe('what follows the pointer to the next capability'),
    writable: flag('whether what follows the pointer can be written').optional(),
  }),
  record({
    id: z.literal('sriov'),
    offset: extended,
    totalVfs: integer(0, 0xffff, 'a number of VFs from 0 to 65535'),
    initialVfs: integer(0, 0xffff, 'a number of VFs from 0 to 65535').optional(),
    numVfs: integer(0, 0xffff, 'a number of VFs from 0 to 65535').optional(),
    firstVfOffset: integer(0, 0xffff, 'an offset from 0 to 65535'),
    vfStride: integer(0, 0xffff, 'a stride from 0 to 65535'),
    vfDevice: integer(0, 0xffff, 'a device id from 0 to 0xffff'),
    supportedPageSizes: dword.optional(),
    systemPageSize: dword.optional(),
    vfEnable: flag('VF Enable').optional(),
    vfMemoryEnable: flag('VF MSE').optional(),
    bars: bars.optional(),
  }),
  record({
    id: z.literal('rebar'),
    offset: extended,
    bars: listOf(
      record({
        bar: integer(0, 7, 'a BAR index from 0 to 7'),
        sizes: integer(0, 0xfffffff, 'supported sizes: bit n stands for 2^n MiB, n from 0 to 27'),
        current: integer(0, 63, 'the current size as n of 2^n MiB').optional(),
      }),
      6,
      'a list of resizable BARs',
    ),
  }),
  record({
    id: z.literal('acs'),
    offset: extended,
    supported: integer(0, 0x7f, 'ACS capability bits from 0 to 0x7f').optional(),
  }),
  record({ id: z.literal('aer'), offset: extended }),
  record({
    id: z.literal('ari'),
    offset: extended,
    nextFunction: integer(0, 0xff, 'a function number from 0 to 0xff').optional(),
  }),
  record({
    id: z.literal('ext'),
    code: integer(0, 0xffff, 'an extended capability id from 0 to 0xffff'),
    offset: extended,
    version: integer(0, 15, 'a version from 0 to 15').optional(),
    data: listOf(dword, 0x3bf, 'a list of 32-bit numbers').optional().describe('the dwords after the header'),
  }),
] as const;

/** Names of the capabilities that have a description of their own. */
const CAPABILITY_IDS: readonly string[] = choices.map(({ shape }) => shape.id.value);

export const capability = z.discriminatedUnion('id', choices, {
  error: (issue) =>
    issue.code === 'invalid_union' ? `a capability, its id one of ${CAPABILITY_IDS.join(', ')}` : 'a capability',
});

export type Capability = z.infer<typeof capability>;
export type CapabilityOf<Id extends Capability['id']> = Extract<Capability, { id: Id }>;
