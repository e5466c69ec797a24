// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { replayTrace } from '../../engine/replay/replay.ts';
import { walkThrough } from '../../engine/replay/walk.ts';
import { authored, state, trace } from './corpus.ts';

const LATEST = state('xen-unstable').behaviours;

/** Fields of events may be bigint. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one));

describe('a walk through a trace', () => {
  test('shows the same on the way back, also where that has not been kept', () => {
    const { subject } = trace('recorded/boot-whole-machine');
    const walk = walkThrough(subject, LATEST);
    const seen = subject.events.slice(0, 300).map((_event, index) => text(walk.at(index)));
    for (const index of [299, 150, 149, 148, 10, 299, 0])
      expect([index, text(walk.at(index))]).toEqual([index, seen[index]]);
  });

  test('ends where nothing is known any more', () => {
    const { subject } = trace('msix/device-gone');
    const walk = walkThrough(subject, state('xen-4.22').behaviours);
    expect(walk.at(4)).toMatchObject({ event: { seq: 5 }, answer: { undefined: true }, state: undefined });
    expect(walk.at(5)).toBeUndefined();
    expect(walk.at(3)?.state).toBeDefined();
    expect(walk.at(subject.events.length)).toBeUndefined();
  });

  test('has the final state of a replay at its end, for every trace', () => {
    for (const { name, subject, releases } of authored()) {
      const { behaviours } = state(releases.at(-1) ?? 'xen-unstable');
      const moment = walkThrough(subject, behaviours).at(subject.events.length - 1);
      const [line] = [...replayTrace({ machine: subject.machine, behaviours }, subject.events)].slice(-1);
      expect([name, moment?.state]).toEqual([name, line?.final === true ? line.state : undefined]);
    }
  });

  test('finds the events that touch a device, in both directions', () => {
    const walk = walkThrough(trace('sriov/pf-removed-with-vfs').subject, LATEST);
    const sbdf = parseSbdf('0000:03:10.0');
    if (sbdf === undefined) throw new Error('it is an SBDF');
    expect(walk.find({ kind: 'device', sbdf }, 0, 'after')).toBe(2);
    expect(walk.find({ kind: 'device', sbdf }, 2, 'before')).toBeUndefined();
    expect(walk.find({ kind: 'result', ret: -16 }, 8, 'before')).toBe(3);
  });
});
