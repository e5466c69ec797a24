// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import type { PlainMachine } from '../../engine/machine/plain.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';
import { P2M_TYPES } from '../../engine/xen/p2m.ts';
import {
  ALL_SBDFS,
  HIGH_REGION,
  LOW_REGION,
  MSI_AT,
  MSIX_AT,
  machine,
  NOWHERE,
  PF,
  REBAR_AT,
  SRIOV_AT,
  VFS,
} from './machines.ts';

/** An event without its number. */
type Step = Pick<TraceEvent, 'op' | 'args'>;

const step = (op: string, args: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Step> =>
  fc.record(args).map((values) => ({ op, args: values }));

const sbdf = fc.constantFrom(...ALL_SBDFS);
const actor = {
  dom: fc.constantFrom('d0', 'd0', 'd0', 'd0', 'd0', 'd0', 'd0', 'd1'),
  vcpu: fc.constantFrom(undefined, 0, 1),
};
/** Guests see devices at places of their own. */
const anySbdf = fc.oneof({ weight: 8, arbitrary: sbdf }, { weight: 1, arbitrary: fc.constantFrom(0, 8, 16) });
const target = fc.constantFrom('d0', 'd1', 'd1', 'd2', 'io', 'xen', 'd9');

const frame = fc
  .tuple(fc.constantFrom(0, 0x100, LOW_REGION / 4096, LOW_REGION / 4096, HIGH_REGION / 4096), fc.nat({ max: 40 }))
  .map(([base, offset]) => base + offset);
const anyFrame = fc.oneof(
  { weight: 20, arbitrary: frame },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 52 - 1, 2 ** 40) },
);
const frameCount = fc.oneof(
  { weight: 20, arbitrary: fc.nat({ max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(600, 2 ** 20, 2 ** 52 - 1) },
);

const LEGACY_REGISTERS = [0, 4, 4, 4, 4, 4, 4, 6, 0xc, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x30, 0x34, 0x38, 0x3c];
const MSI_REGISTERS = [MSI_AT, MSI_AT + 2, MSI_AT + 4, MSI_AT + 8, MSI_AT + 0xc, MSI_AT + 0x10];
const MSIX_REGISTERS = [MSIX_AT, MSIX_AT + 2, MSIX_AT + 2, MSIX_AT + 4, MSIX_AT + 8];
const EXTENDED_REGISTERS = [0x100, SRIOV_AT + 8, SRIOV_AT + 0x10, SRIOV_AT + 0x24, REBAR_AT + 4, REBAR_AT + 8];

const register = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(...LEGACY_REGISTERS, ...MSI_REGISTERS, ...MSIX_REGISTERS, ...EXTENDED_REGISTERS),
  },
  { weight: 2, arbitrary: fc.nat({ max: 0xff }) },
  { weight: 1, arbitrary: fc.nat({ max: 0xffff }) },
);

/** Values that change something: decoding, addresses, sizes, enable bits. */
const registerValue = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0n, 2n, 3n, 6n, 0x406n, 0x8000n, 0xc000n, 1n, 9n, 0x71n) },
  { weight: 2, arbitrary: frame.map((at) => BigInt(at) * 4096n) },
  { weight: 1, arbitrary: frame.map((at) => BigInt(at) * 4096n + 1n) },
  { weight: 1, arbitrary: fc.constantFrom(0xffffffffn, 0xfffffff0n, 0x120n, 0x220n, 0x322n, 0x1f20n, 0x2b20n) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
);

const smallSize = fc.constantFrom(1, 2, 4, 3);
const memorySize = fc.constantFrom(1, 2, 4, 8);
const recorded = fc.constantFrom(undefined, 0x12n);
const access = { ...actor, sbdf: anySbdf, reg: register };

const gpa = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(frame, fc.constantFrom(0, 4, 8, 0xc, 0x10, 0x7fc, 0x801, 0xff8, 0xfff))
      .map(([at, offset]) => BigInt(at) * 4096n + BigInt(offset)),
  },
  { weight: 2, arbitrary: sbdf.map((device) => 0xe0000000n + BigInt(device) * 4096n + 4n) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
);

/** Turning memory decoding on and off, what most of the model is about. */
const toggle = step('cfg.write', {
  ...{ ...actor, sbdf: anySbdf, reg: fc.constant(4), size: fc.constant(2) },
  value: fc.constantFrom(0n, 0n, 2n, 2n, 6n),
});

const moveBar = step('cfg.write', {
  ...{ ...actor, sbdf, size: fc.constant(4) },
  reg: fc.constantFrom(0x10, 0x10, 0x18, 0x20, 0x30),
  value: frame.map((at) => BigInt(at) * 4096n),
});

const config = fc.oneof(
  { weight: 8, arbitrary: toggle },
  { weight: 3, arbitrary: moveBar },
  { weight: 4, arbitrary: step('cfg.write', { ...access, size: smallSize, value: registerValue }) },
  { weight: 3, arbitrary: step('cfg.read', { ...access, size: smallSize, value: recorded }) },
  {
    weight: 1,
    arbitrary: step('ecam.write', { ...access, size: fc.constantFrom(1, 2, 3, 4, 8, 64), value: registerValue }),
  },
  { weight: 1, arbitrary: step('ecam.read', { ...access, size: fc.constantFrom(1, 2, 4, 8, 0), value: recorded }) },
  {
    weight: 1,
    arbitrary: step('io.write', {
      ...{
        ...actor,
        port: fc.oneof(fc.constantFrom(0xcf8, 0xcfc, 0xcfd, 0xcfe), fc.nat({ max: 0xffff })),
        size: smallSize,
      },
      value: fc.oneof(
        sbdf.map((device) => 0x80000000n + BigInt(device) * 256n + 4n),
        registerValue,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: step('io.read', {
      ...{ ...actor, port: fc.oneof(fc.constantFrom(0xcf8, 0xcfc, 0xcfe), fc.nat({ max: 0xffff })), size: smallSize },
      value: recorded,
    }),
  },
);

const memory = fc.oneof(
  step('mmio.read', { ...actor, gpa, size: memorySize, value: recorded }),
  step('mmio.write', { ...actor, gpa, size: memorySize, value: registerValue }),
);

const physdev = fc.oneof(
  {
    weight: 4,
    arbitrary: step('physdev.pci_device_add', {
      ...actor,
      sbdf,
      flags: fc.constantFrom(undefined, 0, 1, 2, 2, 4, 7),
      physfn: fc.constantFrom(undefined, PF, PF, ...ALL_SBDFS),
      pxm: fc.constantFrom(undefined, 0),
    }),
  },
  {
    weight: 3,
    arbitrary: step('physdev.pci_device_add', {
      ...{ ...actor, sbdf: fc.constantFrom(...VFS), flags: fc.constant(2), physfn: fc.constant(PF) },
      pxm: fc.constant(undefined),
    }),
  },
  { weight: 4, arbitrary: step('physdev.pci_device_remove', { ...actor, sbdf }) },
  {
    weight: 2,
    arbitrary: step('physdev.pci_device_reset', { ...actor, sbdf, flags: fc.constantFrom(undefined, 0, 3, 4) }),
  },
  {
    weight: 1,
    arbitrary: step('physdev.pci_mmcfg_reserved', {
      ...{ ...actor, address: fc.constantFrom(undefined, 0xe0000000n, 0xe0100000n), segment: fc.constant(0) },
      ...{ startBus: fc.constantFrom(0, 1), endBus: fc.constantFrom(0, 255), flags: fc.constantFrom(0, 1, 2) },
    }),
  },
);

const domctl = fc.oneof(
  {
    weight: 4,
    arbitrary: step('domctl.assign_device', { ...actor, domid: target, sbdf, flags: fc.constantFrom(undefined, 0, 1) }),
  },
  {
    weight: 2,
    arbitrary: step('domctl.deassign_device', { ...actor, domid: target, sbdf, flags: fc.constantFrom(undefined, 1) }),
  },
  {
    weight: 1,
    arbitrary: step('domctl.test_assign_device', { ...actor, domid: target, sbdf, flags: fc.constant(undefined) }),
  },
  { weight: 1, arbitrary: step('domctl.release_devices', { ...actor, domid: target }) },
  {
    weight: 2,
    arbitrary: step('domctl.iomem_permission', {
      ...{ ...actor, domid: target, mfn: anyFrame, nr: frameCount, allow: fc.constantFrom(0, 1, 1) },
    }),
  },
);

const rights = fc.oneof(
  step('iomem.permit', { dom: fc.constantFrom('d0', 'd1', 'd2'), mfn: anyFrame, nr: frameCount }),
  step('iomem.deny', { dom: fc.constantFrom('d0', 'd1'), mfn: anyFrame, nr: frameCount }),
  step('iomem.permit', { dom: fc.constantFrom('d1', 'd2'), mfn: fc.constant(0), nr: fc.constant(2 ** 52 - 1) }),
);

/** What puts something into a p2m besides the BARs of devices. */
const foreign = fc.oneof(
  step('p2m.set', {
    ...{ dom: fc.constantFrom('d0', 'd1'), gfn: anyFrame, nr: frameCount, mfn: anyFrame },
    type: fc.constantFrom(...P2M_TYPES),
  }),
  step('domctl.memory_mapping', {
    ...{ ...actor, domid: target, gfn: anyFrame, mfn: anyFrame, nr: frameCount, add: fc.constantFrom(0, 1) },
  }),
);

const boot = fc.oneof(
  step('boot.hide', { sbdf }),
  step('boot.ro', { sbdf }),
  step('boot.scan', {}),
  step('boot.param', {
    name: fc.constantFrom('pci-phantom', 'pci', 'console'),
    text: fc.constantFrom(undefined, '0:3,1', '3:0,2', 'no-serr,perr', 'no-quirks', 'x'),
  }),
);

const hardware = fc.oneof(
  step('hw.plug', { sbdf }),
  step('hw.unplug', { sbdf }),
  step('hw.set', { sbdf, reg: register, size: smallSize, value: registerValue }),
  step('hw.get', { sbdf, reg: register, size: smallSize, value: recorded }),
  step('hw.ecam', {
    ...{ segment: fc.constant(0), startBus: fc.constantFrom(0, 3), endBus: fc.constantFrom(0, 255) },
    name: fc.constantFrom('on', 'off'),
  }),
);

const FAILURES = ['fail_setup', 'fail_add', 'fail_remove', 'fail_assign'] as const;
const failure = step('model.option', { name: fc.constantFrom(...FAILURES), value: fc.constantFrom(0, 0, -5) });
const option = step('model.option', {
  name: fc.constantFrom('quarantine', 'iommu', 'domu_vpci'),
  value: fc.constantFrom(0, 1),
});
/** Deferred work, stopped and resumed at will. */
const deferral = step('model.option', { name: fc.constantFrom('autorun', 'preempt'), value: fc.constantFrom(0, 1) });
const resume = step('vcpu.resume', actor);
const other = fc.oneof(step('checkpoint', {}), step('note', {}));

/** Which events a random trace has. */
export interface Ingredients {
  /** p2m.set and domctl.memory_mapping. */
  readonly foreign: boolean;
  /** Deferred work is left undone, interrupted, and done by whichever vCPU; accesses may come before hwdom's set-up. */
  readonly disorder: boolean;
}

/** A guest gets a device and turns it on, at its place on the host or on the guest's bus. */
const handOver: fc.Arbitrary<readonly Step[]> = fc
  .record({ sbdf, place: fc.constantFrom(undefined, 0, 0, 8), everything: fc.boolean() })
  .map(({ sbdf: device, place, everything }) => {
    const write = { dom: 'd1', vcpu: undefined, sbdf: place ?? device, reg: 4, size: 2, value: 2n };
    return [
      { op: 'iomem.permit', args: { dom: 'd1', mfn: 0, nr: everything ? 2 ** 52 - 1 : 0 } },
      { op: 'domctl.assign_device', args: { dom: 'd0', vcpu: undefined, domid: 'd1', sbdf: device, flags: undefined } },
      { op: 'cfg.write', args: write },
    ];
  });

const anyStep = (ingredients: Ingredients): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 30, arbitrary: config },
    { weight: 5, arbitrary: memory },
    { weight: 8, arbitrary: physdev },
    { weight: 6, arbitrary: domctl },
    { weight: 3, arbitrary: rights },
    { weight: 3, arbitrary: hardware },
    { weight: 1, arbitrary: boot },
    { weight: 1, arbitrary: failure },
    { weight: 1, arbitrary: option },
    { weight: 1, arbitrary: other },
    ...(ingredients.foreign ? [{ weight: 3, arbitrary: foreign }] : []),
    ...(ingredients.disorder
      ? [
          { weight: 2, arbitrary: deferral },
          { weight: 8, arbitrary: resume },
        ]
      : []),
  );

const event = (step: Step, index: number): TraceEvent => ({
  ...step,
  ...{ seq: index + 1, time: undefined, ret: undefined, note: undefined },
});

const SET_UP: readonly Step[] = [{ op: 'boot.hwdom_setup', args: {} }];

/** Random traces: some steps of boot, hwdom's set-up, then anything. */
const trace = (ingredients: Ingredients): fc.Arbitrary<readonly Step[]> =>
  fc
    .tuple(
      fc.array(fc.oneof({ weight: 2, arbitrary: boot }, { weight: 1, arbitrary: rights }), { maxLength: 3 }),
      fc.constantFrom<readonly Step[]>(...(ingredients.disorder ? [[], SET_UP] : [SET_UP])),
      fc
        .array(
          fc.oneof(
            { weight: 60, arbitrary: anyStep(ingredients).map((one): readonly Step[] => [one]) },
            { weight: 1, arbitrary: handOver },
          ),
          { minLength: 1, maxLength: 60, size: 'max' },
        )
        .map((steps) => steps.flat()),
    )
    .map((parts) => parts.flat());

/** Most events are about devices that are there: places that the machine leaves empty stand for one that it has. */
const retarget = (step: Step, { devices }: PlainMachine): Step => {
  const there = (value: unknown): unknown => {
    const index = ALL_SBDFS.findIndex((known) => Number(known) === value);
    if (index < 0 || value === NOWHERE || devices.some((device) => device.sbdf === value)) return value;
    return devices[index % devices.length]?.sbdf;
  };
  const { args } = step;
  if (!('sbdf' in args)) return step;
  return { ...step, args: { ...args, sbdf: there(args['sbdf']) } };
};

export interface Scenario {
  readonly machine: PlainMachine;
  readonly events: readonly TraceEvent[];
}

/** A random machine and a random trace for it. */
export const scenario = (ingredients: Ingredients): fc.Arbitrary<Scenario> =>
  fc.tuple(machine, trace(ingredients)).map(([plain, steps]) => ({
    machine: plain,
    events: steps.map((one) => retarget(one, plain)).map(event),
  }));

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  sbdf: ['0000:03:00.0', '0000:00:03.0', 'ffff:ff:1f.7'],
  domain: ['d0', 'd1', 'd3', 'd4', 'd32767', 'xen', 'io'],
  u64: ['0', '0xffffffffffffffff', '0xfe000000', '0xe0018004'],
  frame: ['0', '1', '0xfe000', '0xfffffffffffff'],
  text: ['pci-phantom', 'pci', ''],
  integer: ['0', '1', '-22', '999999999999999'],
};

/** Operations of x86 PCI; others need a machine of their own. */
const GROUPS = [
  'boot',
  'cfg',
  'domctl',
  'ecam',
  'hw',
  'io',
  'iomem',
  'mmio',
  'model',
  'note',
  'p2m',
  'physdev',
  'vcpu',
];
const PCI_OPERATIONS = [...OPERATIONS.values()].filter(({ name }) => GROUPS.includes(name.split('.')[0] ?? ''));

/** Any event that a decoder lets through, biased to the ends of what its fields allow. */
const decodable: fc.Arbitrary<Step> = fc.constantFrom(...PCI_OPERATIONS).chain(({ name, fields }) =>
  fc
    .record(
      Object.fromEntries(
        Object.entries(fields).map(([key, field]) => {
          const numbers = fc.oneof(
            fc.nat({ max: 9 }),
            fc.nat({ max: 0xffff }),
            fc.constantFrom(0xff, 0xffff, 0xffffffff),
          );
          const texts = fc.oneof(
            fc.constantFrom(...(TEXTS[field.kind] ?? field.kind.split(' | '))),
            numbers.map(String),
          );
          return [key, texts.map((text) => field.parse(text)).filter((value) => value !== undefined || field.optional)];
        }),
      ),
    )
    .map((args) => ({ op: name, args })),
);

/** Random machines and traces of whatever decodes. */
export const decodableScenario: fc.Arbitrary<Scenario> = fc
  .tuple(machine, fc.array(fc.oneof(decodable, toggle), { minLength: 1, maxLength: 40, size: 'max' }))
  .map(([plain, steps]) => ({
    machine: plain,
    events: [...SET_UP, ...steps.map((one) => retarget(one, plain))].map(event),
  }));
