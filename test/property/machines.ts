// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { compileDevice } from '../../engine/machine/compile-device.ts';
import type { Arch, PlainDevice, PlainMachine } from '../../engine/machine/plain.ts';
import type { DeviceDescription } from '../../engine/machine/schema.ts';
import { makeSbdf } from '../../engine/num/sbdf.ts';

/** Where capabilities are, so that events can aim at them. */
export const MSI_AT = 0x50;
export const MSIX_AT = 0x70;
export const PCIE_AT = 0xa0;
export const SRIOV_AT = 0x160;
export const REBAR_AT = 0x200;

/** BARs are put into two small regions, so that they overlap often; byte addresses. */
export const LOW_REGION = 0xfe000000;
export const HIGH_REGION = 0x3800_0000_0000;

/** Places of devices: functions of one slot, another slot, another bus, VFs of 03:00.0. */
const ENDPOINTS = [makeSbdf(0, 0, 0x18), makeSbdf(0, 0, 0x19), makeSbdf(0, 0, 0x20), makeSbdf(0, 3, 0)] as const;
export const PF = makeSbdf(0, 3, 0);
export const VFS = [makeSbdf(0, 3, 0x80), makeSbdf(0, 3, 0x82)] as const;
const BRIDGE = makeSbdf(0, 0, 0xe0);
/** Described by no machine. */
export const NOWHERE = makeSbdf(0, 5, 0x08);

export const ALL_SBDFS = [...ENDPOINTS, ...VFS, BRIDGE, NOWHERE];

type Friendly = Pick<
  DeviceDescription,
  'id' | 'header' | 'multifunction' | 'command' | 'bars' | 'rom' | 'capabilities' | 'registers' | 'vf'
>;
type BarDescription = NonNullable<NonNullable<Friendly['bars']>[0]>;
type CapabilityDescription = NonNullable<Friendly['capabilities']>[number];

const SIZES = [0x10, 0x1000, 0x4000, 0x10000, 0x2000, 0x4000, 0x8000, 0x10000, 0x100000, 0x200000, 0x400000] as const;

/** Addresses of BARs of one size that share frames with those of other sizes. */
const addressIn = (region: number, size: number): fc.Arbitrary<number> => {
  const places = Math.max(1, Math.min(16, Math.floor(0x20000 / size)));
  return fc.nat({ max: places }).map((nth) => region + nth * size);
};

const memoryBar: fc.Arbitrary<BarDescription> = fc
  .record({ kind: fc.constantFrom('mem32', 'mem64'), size: fc.constantFrom(...SIZES), prefetchable: fc.boolean() })
  .chain(({ kind, size, prefetchable }) =>
    addressIn(kind === 'mem32' ? LOW_REGION : HIGH_REGION, size).map((address) => ({
      kind,
      address,
      size,
      prefetchable,
    })),
  );

/** 1 GiB and more, up to what no memory can hold. */
const hugeBar: fc.Arbitrary<BarDescription> = fc.integer({ min: 30, max: 63 }).chain((shift) =>
  fc.constantFrom(0n, 1n).map((nth) => ({
    kind: 'mem64' as const,
    address: `0x${(nth * 2n ** BigInt(shift)).toString(16)}`,
    size: `0x${(2n ** BigInt(shift)).toString(16)}`,
  })),
);

const ioBar: fc.Arbitrary<BarDescription> = fc.constant({ kind: 'io', address: 0xc000, size: 0x20 });
const emptyBar: fc.Arbitrary<BarDescription> = fc.constant({ kind: 'mem32', address: 0, size: 0 });

const bar = fc.oneof(
  { weight: 16, arbitrary: memoryBar },
  { weight: 1, arbitrary: hugeBar },
  { weight: 2, arbitrary: ioBar },
  { weight: 1, arbitrary: emptyBar },
);

/** BARs 0, 2 and 4, which leaves room for upper halves, and sometimes 5, which does not. */
const bars: fc.Arbitrary<NonNullable<Friendly['bars']>> = fc.record(
  { 0: bar, 2: bar, 4: bar, 5: bar },
  { requiredKeys: [] },
);

const rom = fc
  .constantFrom(0x800, 0x4000, 0x10000)
  .chain((size) =>
    addressIn(LOW_REGION, size).chain((address) => fc.boolean().map((enabled) => ({ address, size, enabled }))),
  );

const tablePlace = fc.record({
  bar: fc.constantFrom(0, 0, 0, 2, 2, 4, 6),
  offset: fc.constantFrom(0, 0, 0, 0x800, 0x1000, 0x3000),
});

const legacyCapability: fc.Arbitrary<readonly CapabilityDescription[]> = fc
  .record({
    msi: fc.option(
      fc.record({ address64: fc.boolean(), maskable: fc.boolean(), vectors: fc.constantFrom(1, 4, 32) } as const),
    ),
    msix: fc.option(fc.record({ entries: fc.constantFrom(1, 8, 300), table: tablePlace, pba: tablePlace })),
    express: fc.boolean(),
  })
  .map(({ msi, msix, express }) => [
    ...(msi === null ? [] : [{ id: 'msi' as const, offset: MSI_AT, ...msi }]),
    ...(msix === null ? [] : [{ id: 'msix' as const, offset: MSIX_AT, ...msix }]),
    ...(express ? [{ id: 'pcie' as const, offset: PCIE_AT, type: 'endpoint' as const }] : []),
  ]);

const rebar: fc.Arbitrary<readonly CapabilityDescription[]> = fc
  .record({ bar: fc.constantFrom(0, 2, 5), sizes: fc.constantFrom(0x7, 0xfffffff) })
  .map((one) => [{ id: 'rebar' as const, offset: REBAR_AT, bars: [one] }]);

const sriov = fc.record({ 0: fc.oneof(memoryBar, ioBar) }).map((vfBars) => [
  {
    ...{ id: 'sriov' as const, offset: SRIOV_AT, totalVfs: 8, firstVfOffset: 0x80, vfStride: 2, vfDevice: 0x10ca },
    bars: vfBars,
  },
]);

/** A register that is not what the rest of the description says: a broken list, an odd header, a stray bit. */
const oddity: fc.Arbitrary<Readonly<Record<string, number>>> = fc
  .tuple(fc.constantFrom(0x04, 0x10, 0x14, 0x34, 0x50, 0x70, 0x74, 0x100, 0x160, 0x208), fc.nat({ max: 0xffffffff }))
  .map(([offset, value]) => ({ [`0x${offset.toString(16)}`]: value }));

const command = fc.constantFrom(0x0, 0x2, 0x2, 0x407);

const endpoint: fc.Arbitrary<Friendly> = fc
  .record({
    command,
    bars,
    rom: fc.option(rom, { nil: undefined }),
    legacy: legacyCapability,
    extended: fc.option(rebar, { nil: [] }),
    registers: fc.option(oddity, { nil: undefined, freq: 8 }),
  })
  .map(({ legacy, extended, rom: maybeRom, registers, ...rest }) => ({
    ...{ id: '8086:10c9', multifunction: true, ...rest, capabilities: [...legacy, ...extended] },
    ...(maybeRom === undefined ? {} : { rom: maybeRom }),
    ...(registers === undefined ? {} : { registers }),
  }));

const physicalFunction: fc.Arbitrary<Friendly> = fc
  .tuple(endpoint, sriov, fc.boolean())
  .map(([device, vfs, gated]) => ({
    ...device,
    capabilities: [
      ...(device.capabilities ?? []).filter(({ id }) => id !== 'pcie'),
      { id: 'pcie', offset: PCIE_AT, type: 'endpoint' },
      ...vfs,
    ],
    registers: { ...device.registers, ...(gated ? {} : { '0x168': 0x9 }) },
  }));

const bridge: fc.Arbitrary<Friendly> = fc.record({ command, bars: fc.record({ 0: bar }) }).map((device) => ({
  ...device,
  ...{
    id: '8086:3420',
    header: 1 as const,
    capabilities: [{ id: 'pcie' as const, offset: PCIE_AT, type: 'root-port' as const }],
  },
}));

/** Faults of a description do not matter: what it compiles to is a machine that could be. */
const compile = (sbdf: (typeof ALL_SBDFS)[number], description: Friendly): PlainDevice =>
  compileDevice(sbdf, description, () => undefined);

const devices: fc.Arbitrary<readonly PlainDevice[]> = fc
  .record({
    functions: fc.tuple(endpoint, fc.option(endpoint), fc.option(endpoint), fc.option(physicalFunction)),
    vf: fc.option(endpoint),
    vfCount: fc.constantFrom(1, 2),
    root: fc.option(bridge, { freq: 3 }),
    unplugged: fc.nat({ max: 12 }),
    sticky: fc.nat({ max: 12 }),
  })
  .map(({ functions, vf, vfCount, root, unplugged, sticky }) => {
    const list: PlainDevice[] = [];
    functions.forEach((description, index) => {
      const sbdf = ENDPOINTS[index];
      if (description !== null && sbdf !== undefined) list.push(compile(sbdf, description));
    });
    const pf = functions[3];
    if (vf !== null && pf !== null)
      for (const sbdf of VFS.slice(0, vfCount)) list.push(compile(sbdf, { ...vf, vf: { of: '0000:03:00.0' } }));
    if (root !== null) list.push(compile(BRIDGE, root));
    return list.map((device, index) => ({
      ...device,
      present: index !== unplugged,
      stickyMemoryDecoding: index === sticky,
    }));
  });

const ARCHS: readonly Arch[] = ['x86', 'x86', 'x86-guest-vpci', 'x86-guest-vpci-io'];

/** Random machines of one to seven functions. */
export const machine: fc.Arbitrary<PlainMachine> = fc.record({
  arch: fc.constantFrom(...ARCHS),
  memoryMap: fc.constantFrom(
    [{ first: 0, last: 0x9ffff }],
    [
      { first: 0x100000, last: 0x7fffffff },
      { first: LOW_REGION + 0x2000, last: LOW_REGION + 0x2fff },
    ],
  ),
  ecam: fc.constantFrom([], [{ segment: 0, base: 0xe0000000, firstBus: 0, lastBus: 255 }]),
  devices,
});
