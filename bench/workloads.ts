// SPDX-License-Identifier: GPL-2.0-only
import { compileDevice } from '../engine/machine/compile-device.ts';
import type { PlainDevice, PlainMachine } from '../engine/machine/plain.ts';
import { makeSbdf, type Sbdf } from '../engine/num/sbdf.ts';
import type { TraceEvent } from '../engine/trace/operation.ts';

const PAGE = 4096;
export const HIGH_BASE = 0x40_0000_0000;
const LOW_BASE = 0x8000_0000;
const FUNCTIONS_PER_BUS = 256;

const sbdfOf = (nth: number): Sbdf => makeSbdf(0, Math.floor(nth / FUNCTIONS_PER_BUS), nth % FUNCTIONS_PER_BUS);

/** A function with BARs of 16, 4 and 1 pages (64-bit, 32-bit, 32-bit) and MSI, none sharing a page with another. */
const device = (nth: number): PlainDevice =>
  compileDevice(
    sbdfOf(nth),
    {
      ...{ id: '8086:10c9', multifunction: true },
      bars: {
        0: { kind: 'mem64', address: HIGH_BASE + nth * 16 * PAGE, size: 16 * PAGE },
        2: { kind: 'mem32', address: LOW_BASE + nth * 4 * PAGE, size: 4 * PAGE },
        3: { kind: 'mem32', address: LOW_BASE + 0x1000_0000 + nth * PAGE, size: PAGE },
      },
      capabilities: [{ id: 'msi', offset: 0x50, address64: true, vectors: 1 }],
    },
    (path, message) => {
      throw new Error(`${path.join('.')}: ${message}`);
    },
  );

export const machineOf = (devices: number): PlainMachine => ({
  ...{ arch: 'x86', memoryMap: [{ first: 0, last: 0x7fff_ffff }], ecam: [] },
  devices: Array.from({ length: devices }, (_, nth) => device(nth)),
});

type Access = (nth: number) => Readonly<Record<string, unknown>> & { readonly op: string };

const ACTOR = { dom: 'd0', vcpu: 0 };

/** Registers in turn: vendor and device id, command, BAR 0, MSI message control. */
const READS = [
  { reg: 0, size: 4 },
  { reg: 4, size: 2 },
  { reg: 0x10, size: 4 },
  { reg: 0x52, size: 2 },
];

/** Interrupt line, cache line size, MSI message address. */
const WRITES = [
  { reg: 0x3c, size: 1 },
  { reg: 0x0c, size: 1 },
  { reg: 0x54, size: 4 },
];

const next = <T>(list: readonly T[], nth: number): T | undefined => list[nth % list.length];

/** The accesses of the table in the oracle's notes, to device after device. */
const ACCESSES = {
  reads: (nth) => ({ op: 'cfg.read', ...next(READS, nth), value: undefined }),
  writes: (nth) => ({ op: 'cfg.write', ...next(WRITES, nth), value: 0n }),
  toggles: () => ({ op: 'cfg.write', reg: 4, size: 2 }),
} as const satisfies Readonly<Record<string, Access>>;

/** The `nth` event, counted from 0. */
export const event = (nth: number, { op, ...args }: ReturnType<Access>): TraceEvent => ({
  ...{ seq: nth + 1, op, args: { ...ACTOR, ...args } },
  ...{ time: undefined, ret: undefined, note: undefined },
});

/** Hwdom's set-up, and all devices decoding. */
export const setUp = (devices: number): readonly TraceEvent[] => [
  { ...event(0, { op: 'boot.hwdom_setup' }), args: {} },
  ...Array.from({ length: devices }, (_, nth) =>
    event(nth + 1, { op: 'cfg.write', sbdf: sbdfOf(nth), reg: 4, size: 2, value: 2n }),
  ),
];

export type AccessKind = keyof typeof ACCESSES;

export const ACCESS_KINDS: readonly AccessKind[] = ['reads', 'writes', 'toggles'];

/** `count` accesses, spread over the devices. A toggle turns decoding off and, on the next visit, on. */
export function* accesses(kind: AccessKind, devices: number, count: number): Generator<TraceEvent> {
  for (let nth = 0; nth < count; nth += 1) {
    const sbdf = sbdfOf(nth % devices);
    const value = Math.floor(nth / devices) % 2 === 0 ? 0n : 2n;
    const access = kind === 'toggles' ? { ...ACCESSES.toggles(), value } : ACCESSES[kind](nth);
    yield event(devices + 1 + nth, { ...access, sbdf });
  }
}

/** Numbers that look random and are always the same (a linear congruential generator). */
const makeRandom = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
};

/** About as many as the median of the oracle's scenarios and of the project's own cases have. */
export const TRACE_EVENTS = { oracle: 100, corpus: 6 } as const;

const DEVICES_PER_TRACE = 4;

/** Hwdom's set-up of a few devices, and events of most kinds. */
const randomTrace = (seed: number, count: number): readonly TraceEvent[] => {
  const random = makeRandom(seed);
  const steps: readonly ((sbdf: Sbdf) => ReturnType<Access>)[] = [
    (sbdf) => ({ op: 'cfg.write', sbdf, reg: 4, size: 2, value: BigInt(random(2) * 2) }),
    (sbdf) => ({ op: 'cfg.write', sbdf, reg: 0x18, size: 4, value: BigInt(LOW_BASE + random(64) * 4 * PAGE) }),
    (sbdf) => ({ op: 'cfg.write', sbdf, reg: random(64) * 4, size: 4, value: BigInt(random(2 ** 31)) }),
    (sbdf) => ({ op: 'cfg.read', sbdf, reg: random(256), size: 4, value: undefined }),
    (sbdf) => ({ op: 'ecam.read', sbdf, reg: random(512) * 8, size: 8, value: undefined }),
    () => ({ op: 'mmio.read', gpa: BigInt(LOW_BASE + random(64) * PAGE), size: 4, value: undefined }),
    (sbdf) => ({ op: 'physdev.pci_device_remove', sbdf }),
    (sbdf) => ({ op: 'physdev.pci_device_add', sbdf, flags: undefined, physfn: undefined, pxm: undefined }),
    (sbdf) => ({ op: 'domctl.assign_device', domid: 'd1', sbdf, flags: undefined }),
    (sbdf) => ({ op: 'domctl.deassign_device', domid: 'd1', sbdf, flags: undefined }),
  ];
  const events = Array.from({ length: count }, (_, nth) => {
    const step = next(steps, random(steps.length)) ?? (() => ({ op: 'note' }));
    return event(DEVICES_PER_TRACE + 1 + nth, step(sbdfOf(random(DEVICES_PER_TRACE))));
  });
  return [...setUp(DEVICES_PER_TRACE), ...events];
};

export const randomTraces = (
  count: number,
  eventsEach: number = TRACE_EVENTS.oracle,
): readonly { readonly machine: PlainMachine; readonly events: readonly TraceEvent[] }[] =>
  Array.from({ length: count }, (_, nth) => ({
    machine: machineOf(DEVICES_PER_TRACE),
    events: randomTrace(nth + 1, eventsEach),
  }));
