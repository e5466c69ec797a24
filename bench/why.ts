// SPDX-License-Identifier: GPL-2.0-only
import { deviceFacts } from '../engine/golden/device-facts.ts';
import { gfn, PAGE_SIZE_BYTES } from '../engine/num/frames.ts';
import { makeSbdf } from '../engine/num/sbdf.ts';
import type { Subject } from '../engine/replay/compare-outcome.ts';
import { replayTrace } from '../engine/replay/replay.ts';
import { whyEvent } from '../engine/replay/why.ts';
import { whyDevice } from '../engine/replay/why-device.ts';
import { whyFrame } from '../engine/replay/why-frame.ts';
import { XEN_STATES } from '../engine/semantics/states.ts';
import { median, type Ratio, secondsOf } from './harness.ts';
import { accesses, HIGH_BASE, machineOf, setUp } from './workloads.ts';

/** What asking why adds to a replay. All take turns, so that a busy spell hits all. */

const [DEVICES, EVENTS, WARM_UPS, ROUNDS] = [256, 50_000, 2, 11];

const behaviours = XEN_STATES.at(-1)?.behaviours;
if (behaviours === undefined) throw new Error('there is a release');

/** The device and the frame that are asked about are those of the first device: it has its share of the events. */
const device = makeSbdf(0, 0, 0);
const frame = gfn(HIGH_BASE / PAGE_SIZE_BYTES);

const QUESTIONS = {
  '--event': (subject: Subject, last: number) => whyEvent(subject, behaviours, last),
  '--gfn': (subject: Subject, last: number) => whyFrame(subject, behaviours, { domain: 'd0', gfn: frame, last }),
  '--device': (subject: Subject, last: number) =>
    whyDevice(subject, behaviours, { sbdf: device, isWanted: () => true, last, describe: deviceFacts }),
} as const;

const measure = (kind: 'reads' | 'writes' | 'toggles'): readonly Ratio[] => {
  const machine = machineOf(DEVICES);
  const events = [...setUp(DEVICES), ...accesses(kind, DEVICES, EVENTS)];
  const subject: Subject = { machine, events, hardware: false, render: () => '' };
  const plain = (): number =>
    secondsOf(() => {
      for (const _line of replayTrace({ machine, behaviours, logging: 'off' }, events));
    });
  const works = [
    plain,
    ...Object.values(QUESTIONS).map((ask) => () => secondsOf(() => ask(subject, events.length - 1))),
  ];
  const seconds = works.map((): number[] => []);
  for (let round = -WARM_UPS; round < ROUNDS; round++)
    for (const [index, work] of works.entries()) {
      const taken = work();
      if (round >= 0) seconds[index]?.push(taken);
    }
  const [without = Number.NaN, ...asked] = seconds.map(median);
  return Object.keys(QUESTIONS).map((name, index) => ({
    name: `why ${name} / replay, ${kind}`,
    value: (asked[index] ?? Number.NaN) / without,
  }));
};

export const whyRatios = (): readonly Ratio[] => (['reads', 'writes', 'toggles'] as const).flatMap(measure);
