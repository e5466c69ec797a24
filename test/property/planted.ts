// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { readDescription } from '../../engine/machine/description.ts';
import { makeSbdf } from '../../engine/num/sbdf.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import type { Subject } from '../../engine/replay/compare-outcome.ts';
import { type Kept, keepAnswers, keepRecorded, keepRule, keepUndefined } from '../../engine/replay/shrink-kept.ts';
import { keepParting } from '../../engine/replay/shrink-parting.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';
import { state } from '../replay/corpus.ts';

/** Traces in which a difference is planted whose smallest trace is known. */

/** What makes a difference, and nothing else does: each event is needed. */
interface Core {
  readonly name: string;
  readonly devices: string;
  readonly arch?: string;
  readonly csv: string;
  /** What is to be kept; the core's last event is at `index` and has the number `seq`. */
  readonly keep: (subject: Subject, index: number, seq: number) => Kept | undefined;
}

const between =
  (a: string, b: string): Core['keep'] =>
  (subject, index) =>
    keepParting(subject, state(a), state(b), { index });

const NIC = '{ id: 8086:100e, command: 2, bars: { 0: { kind: mem32, address: 0xfe000000, size: 0x4000 } } }';
const OFF = '{ id: 8086:100e, bars: { 0: { kind: mem32, address: 0xfe000000, size: 0x4000 } } }';

export const CORES: readonly Core[] = [
  {
    name: 'a VF whose PF Xen does not know',
    devices: '"0000:02:00.0": { id: 8086:10c9 }',
    csv: 'op,dom,sbdf,flags,physfn\nphysdev.pci_device_add,d0,0000:02:10.0,virtfn,02:00.0\n',
    keep: between('xen-4.19', 'xen-4.20'),
  },
  {
    name: 'a PF that is removed before its VF',
    devices: '"0000:02:00.0": { id: 8086:10c9 }\n  "0000:02:10.0": { id: 8086:10ca }',
    csv: 'op,dom,sbdf,flags,physfn\nphysdev.pci_device_add,d0,0000:02:00.0,,\nphysdev.pci_device_add,d0,0000:02:10.0,virtfn,02:00.0\nphysdev.pci_device_remove,d0,0000:02:00.0,,\n',
    keep: between('xen-4.18', 'xen-4.20'),
  },
  {
    name: 'the MSI-X state of a hidden device that is removed',
    devices: `"0000:02:00.0": { id: 8086:100e, command: 2, bars: { 0: { kind: mem32, address: 0xfe000000, size: 0x4000 } },
    capabilities: [{ id: msix, offset: 0x70, entries: 8, table: { bar: 0, offset: 0x1000 }, pba: { bar: 0, offset: 0x2000 } }] }`,
    csv: 'op,dom,sbdf,gpa,size\nboot.hide,,0000:02:00.0,,\nboot.hwdom_setup,,,,\nphysdev.pci_device_remove,d0,0000:02:00.0,,\nmmio.read,d0,,0xfe001000,4\n',
    keep: (subject) => keepUndefined(subject, state('xen-unstable')),
  },
  {
    name: 'a reset without owner',
    devices: '"0000:02:00.0": { id: 8086:100e }',
    csv: 'op,dom,sbdf,flags,name,value\nmodel.option,,,,fail_add,-12\nphysdev.pci_device_add,d0,0000:02:00.0,,,\nphysdev.pci_device_reset,d0,0000:02:00.0,3,,\n',
    keep: (subject) => keepUndefined(subject, state('xen-4.22')),
  },
  {
    name: 'a BAR of a hidden device that is written',
    devices: `"0000:02:00.0": ${NIC}`,
    csv: 'op,dom,sbdf,reg,size,value\nboot.hide,,0000:02:00.0,,,\nboot.hwdom_setup,,,,,\ncfg.write,d0,0000:02:00.0,0x10,4,0xfe008000\ncfg.read,d0,0000:02:00.0,0x10,4,\n',
    keep: between('xen-4.17', 'xen-4.18'),
  },
  {
    name: 'a frame that hwdom has no right to',
    devices: `"0000:02:00.0": ${OFF}`,
    csv: 'op,dom,sbdf,reg,size,value,mfn,nr\niomem.deny,d0,,,,,0xfe001,1\nboot.hwdom_setup,,,,,,,\ncfg.write,d0,0000:02:00.0,4,2,0x2,,\n',
    keep: (subject, index) => keepRule(subject, state('xen-4.21'), 'map.no-iomem-right', index),
  },
  {
    name: 'a guest that reads memory decoding as on after a failed map',
    arch: 'x86-guest-vpci',
    devices: `"0000:02:00.0": ${OFF}`,
    csv: 'op,dom,sbdf,reg,size,value,domid\nboot.hwdom_setup,,,,,,\ndomctl.assign_device,d0,0000:02:00.0,,,,d1\ncfg.write,d1,0000:00:00.0,4,2,0x2,\ncfg.read,d1,0000:00:00.0,4,2,,\n',
    keep: (subject, index) => keepAnswers(subject, state('xen-4.22'), [index]),
  },
  {
    name: 'a record of an older release',
    devices: '"0000:02:00.0": { id: 8086:10c9 }',
    csv: 'op,dom,sbdf,flags,physfn,ret\nphysdev.pci_device_add,d0,0000:02:10.0,virtfn,02:00.0,0\n',
    keep: (subject, _index, seq) => keepRecorded(subject, state('xen-4.20'), seq),
  },
  {
    name: 'a ROM over its own BAR that is turned off',
    devices:
      '"0000:02:00.0": { id: 8086:100f, command: 2, bars: { 0: { kind: mem32, address: 0xfe320000, size: 0x1000 } }, rom: { address: 0xfe320000, size: 0x800, enabled: true } }',
    csv: 'op,dom,sbdf,reg,size,value,gpa\nboot.hwdom_setup,,,,,,\ncfg.write,d0,0000:02:00.0,0x30,4,0xfe320000,\nmmio.read,d0,,,4,,0xfe320000\n',
    keep: between('xen-4.18', 'xen-4.19'),
  },
  {
    name: 'a device that Xen does not know',
    devices: '"0000:02:00.0": { id: 8086:100e }',
    csv: 'op,dom,sbdf\nphysdev.pci_device_remove,d0,0000:02:00.0\n',
    keep: (subject, index) => keepAnswers(subject, state('xen-4.20'), [index]),
  },
];

const decoded = (csv: string): readonly TraceEvent[] => {
  const trace = decodeCsv(csv, OPERATIONS);
  if (!trace.ok) throw new Error(JSON.stringify(trace.problems));
  return trace.value.events;
};

export const coreEvents = ({ csv }: Core): readonly TraceEvent[] => decoded(`# hvreplay-trace: 1\n${csv}`);

const ADDRESS = 0xd0000000;
const STRIDE = 0x1000000;

/** Devices that have nothing to do with the core: places and addresses of their own. */
const bystander = (nth: number): fc.Arbitrary<string> =>
  fc
    .record({
      command: fc.constantFrom(0, 2, 6),
      size: fc.constantFrom(0x1000, 0x4000, 0x10000),
      wide: fc.boolean(),
      msi: fc.boolean(),
      pcie: fc.boolean(),
    })
    .map(({ command, size, wide, msi, pcie }) => {
      const capabilities = [
        ...(msi ? ['{ id: msi, offset: 0x50, vectors: 4 }'] : []),
        ...(pcie ? ['{ id: pcie, offset: 0xa0, type: endpoint }'] : []),
      ];
      const bar = `{ kind: ${wide ? 'mem64' : 'mem32'}, address: ${ADDRESS + nth * STRIDE}, size: ${size} }`;
      return `"${place(nth)}": { id: 8086:1521, command: ${command}, bars: { 0: ${bar} }, capabilities: [${capabilities.join(', ')}] }`;
    });

const place = (nth: number): string => `0000:10:${(nth + 1).toString(16).padStart(2, '0')}.0`;

type Step = Pick<TraceEvent, 'op' | 'args'>;

const step = (op: string, args: Readonly<Record<string, unknown>>): Step => ({ op, args });

/** One or two events about the nth of the devices that have nothing to do with the core. */
const noise = (devices: number): fc.Arbitrary<readonly Step[]> =>
  fc.nat({ max: devices - 1 }).chain((nth) => {
    const sbdf = makeSbdf(0, 0x10, 8 * (nth + 1));
    const at = { dom: 'd0', vcpu: undefined, sbdf };
    const read = (reg: number): readonly Step[] => [step('cfg.read', { ...at, reg, size: 4, value: undefined })];
    const decoding = (value: bigint): Step => step('cfg.write', { ...at, reg: 4, size: 2, value });
    const gpa = BigInt(ADDRESS + nth * STRIDE);
    return fc.constantFrom<readonly Step[]>(
      ...[read(0), read(4), read(0x10)],
      [decoding(0n)],
      [decoding(2n)],
      [decoding(0n), decoding(2n)],
      [step('mmio.read', { dom: 'd0', vcpu: undefined, gpa, size: 4, value: undefined })],
      [step('iomem.permit', { dom: 'd2', mfn: Number(gpa) / 0x1000, nr: 4 })],
      [step('hw.get', { sbdf, reg: 0, size: 4, value: undefined })],
      [
        step('physdev.pci_device_remove', at),
        step('physdev.pci_device_add', { ...at, flags: undefined, physfn: undefined, pxm: undefined }),
      ],
      [step('checkpoint', {})],
      [step('note', {})],
    );
  });

export interface Planted {
  readonly core: Core;
  readonly subject: Pick<Subject, 'events'>;
  readonly description: unknown;
  /** Of the core's last event. */
  readonly index: number;
}

/** The core's machine, with other devices around its own. */
export const machineText = ({ arch = 'x86', devices }: Core, others: readonly string[] = []): string =>
  `machine: 1\narch: ${arch}\ndevices:\n  ${[devices, ...others].join('\n  ')}\n`;

export const described = (text: string): unknown => {
  const read = readDescription(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
};

/** A core with harmless events and devices strewn about it. */
export const planted: fc.Arbitrary<Planted> = fc
  .integer({ min: 1, max: 5 })
  .chain((devices) =>
    fc.record({
      core: fc.constantFrom(...CORES),
      others: fc.tuple(...Array.from({ length: devices }, (_, nth) => bystander(nth))),
      around: fc.array(fc.tuple(fc.nat({ max: 999 }), noise(devices)), { minLength: 10, maxLength: 40, size: 'max' }),
    }),
  )
  .map(({ core, others, around }) => {
    const needed = coreEvents(core);
    const placed = [
      ...needed.map((event, nth) => ({
        at: ((nth + 1) * 1000) / (needed.length + 1),
        steps: [event],
        isLast: nth === needed.length - 1,
      })),
      ...around.map(([at, steps]) => ({ at, steps, isLast: false })),
    ].sort((a, b) => a.at - b.at);
    const flat = placed.flatMap(({ steps, isLast }) => steps.map((one) => ({ one, isLast })));
    const events = flat.map(
      ({ one }, index): TraceEvent => ({
        ...{ time: undefined, ret: undefined, note: undefined, ...one, seq: index + 1 },
      }),
    );
    return {
      core,
      subject: { events },
      description: described(machineText(core, others)),
      index: flat.findIndex(({ isLast }) => isLast),
    };
  });
