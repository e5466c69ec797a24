// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { makeSbdf } from '../engine/num/sbdf.ts';
import { loadMachine } from '../engine/state/load-machine.ts';
import type { ModelMachine } from '../engine/state/model-world.ts';
import type { TraceEvent } from '../engine/trace/operation.ts';
import { event } from './workloads.ts';

/** Workloads on a machine that was recorded: two cards with SR-IOV and MSI-X. */

const MACHINE = new URL('../../traces/machines/qemu-q35-sriov.yaml', import.meta.url);

export const recordedMachine = (): ModelMachine => {
  const machine = loadMachine(readFileSync(MACHINE, 'utf8'));
  if (!machine.ok) throw new Error(JSON.stringify(machine.problems));
  return machine.value;
};

type Step = Parameters<typeof event>[1];

const ACTOR = { dom: 'd0', vcpu: undefined };

const PF = makeSbdf(0, 3, 0);
const VFS = [1, 2, 3].map((fn) => makeSbdf(0, 3, fn));
const VF_CONTROL = 0x128;
const VF_ENABLE_AND_MEMORY = 9n;

/** VFs appear, are reported, are taken away again and disappear. */
const CHURN: readonly Step[] = [
  { op: 'hw.set', sbdf: PF, reg: VF_CONTROL, size: 2, value: VF_ENABLE_AND_MEMORY },
  ...VFS.map((sbdf) => ({
    ...{ op: 'physdev.pci_device_add', ...ACTOR, sbdf, flags: 2, physfn: PF, pxm: undefined },
  })),
  ...VFS.map((sbdf) => ({ op: 'physdev.pci_device_remove', ...ACTOR, sbdf })),
  { op: 'hw.set', sbdf: PF, reg: VF_CONTROL, size: 2, value: 0n },
];

const NIC = makeSbdf(0, 2, 0);
const MSIX_CONTROL = 0x72;
const TABLE = 0xfe64_0000n;
const VECTORS = 10;
const ENTRY_BYTES = 16;
const MESSAGE_ADDRESS = 0xfee0_0000n;

/** Every vector is given an address, data, and is unmasked; then its control is read. */
const TRAFFIC: readonly Step[] = Array.from({ length: VECTORS }, (_, vector) => {
  const at = (offset: number): bigint => TABLE + BigInt(vector * ENTRY_BYTES + offset);
  const write = (offset: number, value: bigint): Step => ({
    ...{ op: 'mmio.write', ...ACTOR, gpa: at(offset), size: 4, value },
  });
  return [
    write(12, 1n),
    write(0, MESSAGE_ADDRESS),
    write(4, 0n),
    write(8, BigInt(vector)),
    write(12, 0n),
    { op: 'mmio.read', ...ACTOR, gpa: at(12), size: 4, value: undefined },
  ];
}).flat();

/** What is done once, and the steps that go round. */
export const RECORDED_WORKLOADS: Readonly<Record<string, readonly [first: readonly Step[], round: readonly Step[]]>> = {
  'VF churn': [[], CHURN],
  'MSI-X traffic': [[{ op: 'cfg.write', ...ACTOR, sbdf: NIC, reg: MSIX_CONTROL, size: 2, value: 0x8000n }], TRAFFIC],
};

/** Set-up of the machine and the first steps; then `count` events that go round. */
export const recordedEvents = (
  first: readonly Step[],
  round: readonly Step[],
  count: number,
): readonly [prologue: readonly TraceEvent[], counted: readonly TraceEvent[]] => {
  const boot: TraceEvent = { ...event(0, { op: 'boot.hwdom_setup' }), args: {} };
  const prologue = [boot, ...first.map((step, nth) => event(nth + 1, step))];
  const counted = Array.from({ length: count }, (_, nth) => {
    const step = round[nth % round.length];
    if (step === undefined) throw new Error('a round has steps');
    return event(prologue.length + nth, step);
  });
  return [prologue, counted];
};
