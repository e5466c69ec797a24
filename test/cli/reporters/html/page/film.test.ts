// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { frameAt, placesOnMap } from '../../../../../cli/reporters/html/page/film.ts';
import { mismatchesOf } from '../../../../../cli/reporters/html/page/mismatches.ts';
import { OPERATIONS } from '../../../../../engine/ops/index.ts';
import { replayTrace } from '../../../../../engine/replay/replay.ts';
import type { Place } from '../../../../../engine/timeline/places.ts';
import { type Timeline, timelineOf } from '../../../../../engine/timeline/timeline.ts';
import { state, trace } from '../../../../replay/corpus.ts';

const bar = (enabled: boolean, first: number): Place => ({
  ...{ domain: 'd0', kind: 'bar', device: '0000:00:03.0', bar: 'bar 0', first, last: first + 3, enabled },
});

const SMALL: Timeline = {
  places: [bar(false, 0x100), bar(true, 0x100), bar(false, 0xfffff), bar(false, 0)],
  facts: [
    { device: 'a', field: 'owner', value: 'd0' },
    { device: 'a', field: 'owner', value: 'd1' },
    { device: 'a', field: 'owner' },
  ],
  memoryMap: [],
  start: { facts: [0] },
  steps: [
    { seq: 1, text: 'one', answer: '', come: [0] },
    { seq: 2, text: 'sizing', answer: '', come: [2], gone: [0] },
    { seq: 3, text: 'two', answer: '', come: [0], gone: [2], facts: [1] },
    { seq: 4, text: 'three', answer: '', come: [1], gone: [0] },
    { seq: 5, text: 'four', answer: '', come: [3], gone: [1], facts: [2] },
  ],
};

describe('a film', () => {
  test('shows the state after each event, and what it changed', () => {
    expect(frameAt(SMALL, 0)).toMatchObject({ step: undefined, places: [], changes: [] });
    const third = frameAt(SMALL, 3);
    expect(third.places).toEqual([bar(false, 0x100)]);
    expect(third.changes).toEqual([{ device: 'a', field: 'owner', before: 'd0', after: 'd1' }]);
    expect(third.devices.get('a')?.get('owner')).toBe('d1');
    expect(frameAt(SMALL, 5).devices.get('a')?.has('owner')).toBe(false);
  });

  test('a BAR that is only enabled has not gone', () => {
    expect(frameAt(SMALL, 4)).toMatchObject({ come: [bar(true, 0x100)], gone: [] });
    expect(frameAt(SMALL, 2).gone).toEqual([bar(false, 0x100)]);
  });

  test('the map has no room for where sizing puts a disabled BAR, nor for a BAR without address', () => {
    expect(placesOnMap(SMALL)).toEqual([bar(true, 0x100)]);
  });

  test('ends with the state that golden text has', () => {
    const { subject } = trace('recorded/hotplug-bars-at-zero');
    const { behaviours } = state('xen-unstable');
    const timeline = timelineOf(subject, behaviours, OPERATIONS);
    const { devices } = frameAt(timeline, timeline.steps.length);
    const golden = [...devices].flatMap(([device, facts]) =>
      [...facts].map(([field, value]) => `final device ${device} ${field}: ${value}`),
    );
    const lines = subject
      .render(replayTrace({ machine: subject.machine, behaviours }, subject.events), subject.events)
      .split('\n');
    expect(golden.toSorted()).toEqual(lines.filter((line) => line.startsWith('final device ')).toSorted());
  });
});

test('facts are at the event that they are about, those about a p2m on the map too', () => {
  const at = mismatchesOf([
    { key: 'after event 4 p2m d1 gfn 0x00000f0001-0x00000f0003', event: 4, domain: 'd1', field: 'p2m', want: 'mfn …' },
    { key: 'final p2m d0 gfn 0x0000000010-0x0000000010', domain: 'd0', field: 'p2m', got: 'mfn …' },
    { key: 'final device 0000:00:03.0 owner', field: 'owner', want: 'd0', got: 'd1' },
  ]);
  expect(at(4)).toMatchObject([{ place: { domain: 'd1', first: 0xf0001, last: 0xf0003, kind: 'missing' } }]);
  expect(at('end')).toMatchObject([
    { place: { domain: 'd0', first: 0x10, last: 0x10, kind: 'unexpected' } },
    { place: undefined, text: 'final device 0000:00:03.0 owner: the golden file says d0, the outcome d1' },
  ]);
  expect(at(5)).toEqual([]);
});
