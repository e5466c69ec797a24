// SPDX-License-Identifier: GPL-2.0-only
import { renderBody } from '../engine/golden/text.ts';
import { makeSbdf } from '../engine/num/sbdf.ts';
import { OPERATIONS } from '../engine/ops/index.ts';
import { shrink } from '../engine/replay/shrink.ts';
import { keepParting } from '../engine/replay/shrink-parting.ts';
import { XEN_STATES } from '../engine/semantics/states.ts';
import { modelMachineCompiler } from '../engine/state/load-machine.ts';
import type { TraceEvent } from '../engine/trace/operation.ts';
import { type Measure, rate, secondsOf } from './harness.ts';

const NIC = { id: '8086:10c9', command: 2, bars: { 0: { kind: 'mem32', address: 0xfe000000, size: 0x4000 } } };
const DEVICES = { '0000:02:00.0': { id: '8086:10c9' }, '0000:03:00.0': NIC };
const DESCRIPTION = { machine: 1, arch: 'x86', devices: DEVICES };
const READS = 31;
/** In a row, since one takes a few milliseconds. */
const SEARCHES = 20;

const event = (nth: number, op: string, args: TraceEvent['args']): TraceEvent => ({
  ...{ seq: nth, op, args },
  ...{ time: undefined, ret: undefined, note: undefined },
});

const PF = makeSbdf(0, 2, 0);
const VF = makeSbdf(0, 2, 0x80);
const SBDF = makeSbdf(0, 3, 0);

/** A VF reported before its PF, on which the oldest and the newest release part, behind reads of another device. */
const EVENTS: readonly TraceEvent[] = [
  ...Array.from({ length: READS }, (_, nth) =>
    event(nth + 1, 'cfg.read', { dom: 'd0', sbdf: SBDF, reg: 4 * (nth % 16), size: 4 }),
  ),
  event(READS + 1, 'physdev.pci_device_add', { dom: 'd0', sbdf: VF, flags: 2, physfn: PF }),
];

/** Trials of one search after the other; what is to be kept is found before. */
export const shrinkMeasure = (): Measure => {
  const [a, b] = [XEN_STATES[0], XEN_STATES.at(-1)];
  const compile = modelMachineCompiler();
  const machine = compile(DESCRIPTION);
  if (a === undefined || b === undefined || machine === undefined) throw new Error('the example is sound');
  const subject = {
    ...{ machine, events: EVENTS, hardware: false },
    render: (lines: Parameters<typeof renderBody>[0], events: Iterable<TraceEvent>) =>
      renderBody(lines, events, OPERATIONS),
  };
  const kept = keepParting(subject, a, b, { index: EVENTS.length - 1 });
  if (kept === undefined) throw new Error('the releases part');
  const search = (): number => {
    const setup = { registry: OPERATIONS, compile: modelMachineCompiler(), maxTrials: 100_000 };
    return shrink(kept, DESCRIPTION, setup).trials;
  };
  return rate('shrink, a trace of 32 events', 'trials', SEARCHES * search(), () =>
    secondsOf(() => {
      for (let nth = 0; nth < SEARCHES; nth++) search();
    }),
  );
};
