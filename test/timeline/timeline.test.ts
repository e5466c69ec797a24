// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../engine/ops/index.ts';
import type { Place } from '../../engine/timeline/places.ts';
import { type Timeline, timelineOf } from '../../engine/timeline/timeline.ts';
import { state, trace } from '../replay/corpus.ts';

const film = (name: string, release: string): Timeline =>
  timelineOf(trace(name).subject, state(release).behaviours, OPERATIONS);

const stepOf = (timeline: Timeline, seq: number) => {
  const step = timeline.steps.find((one) => one.seq === seq);
  if (step === undefined) throw new Error(`there is no event ${seq}`);
  return step;
};

const hex = (frame: number): string => `0x${frame.toString(16)}`;

const shown = ({ domain, kind, first, last, device, bar, type, mfn }: Place): string =>
  [domain, kind, `${hex(first)}-${hex(last)}`, device, bar, type, mfn === undefined ? undefined : `to ${hex(mfn)}`]
    .filter((word) => word !== undefined)
    .join(' ');

/** Places that an event brought, one kind of them or all. */
const come = (timeline: Timeline, seq: number, kind?: Place['kind']): readonly string[] =>
  (stepOf(timeline, seq).come ?? [])
    .flatMap((index) => timeline.places[index] ?? [])
    .filter((place) => kind === undefined || place.kind === kind)
    .map(shown);

const gone = (timeline: Timeline, seq: number, kind: Place['kind']): readonly string[] =>
  (stepOf(timeline, seq).gone ?? [])
    .flatMap((index) => timeline.places[index] ?? [])
    .filter((place) => place.kind === kind)
    .map(shown);

describe('a timeline', () => {
  const guest = film('guests/msix-table', 'xen-4.21');

  test('says of each event what it was, what it answered, what reached hardware and which rules decided', () => {
    expect(guest.steps.map(({ seq }) => seq)).toEqual(trace('guests/msix-table').subject.events.map(({ seq }) => seq));
    expect(stepOf(guest, 6)).toMatchObject({
      text: 'cfg.write d1 0000:00:00.0 reg=0x4 size=0x2 value=0x2',
      answer: '',
      hw: ['w 0000:00:03.0 0x4 2 0x2'],
      rules: expect.arrayContaining([['map.msix-hole', expect.stringContaining('0000:00:03.0'), expect.anything()]]),
    });
    expect(stepOf(guest, 9)).toMatchObject({ answer: 'via msix', note: 'PBA: dropped' });
  });

  test('maps a BAR for its guest, around the pages of its MSI-X tables', () => {
    expect(come(guest, 6, 'mapped')).toEqual([
      'd1 mapped 0xf0001-0xf0001 0000:00:03.0 bar 0 mmio_direct to 0xfe001',
      'd1 mapped 0xf0003-0xf0003 0000:00:03.0 bar 0 mmio_direct to 0xfe003',
      'd1 mapped 0x4000000-0x400000f 0000:00:03.0 bar 2 mmio_direct',
    ]);
    expect(come(guest, 6, 'msix')).toEqual([
      'd1 msix 0xf0000-0xf0000 0000:00:03.0 bar 0',
      'd1 msix 0xf0002-0xf0002 0000:00:03.0 bar 0',
    ]);
    expect(come(guest, 6, 'hole')).toEqual([]);
  });

  test('knows whose page a domain has mapped besides', () => {
    expect(come(guest, 11)).toEqual(['d0 mapped 0x90000-0x90000 0000:00:03.0 bar 0 mmio_direct to 0xfe000']);
  });

  test('gives facts of devices where they change, and only there', () => {
    const facts = stepOf(guest, 7).facts?.map((index) => guest.facts[index]);
    expect(facts).toEqual([
      { device: '0000:00:03.0', field: 'msix entry 0', value: expect.stringContaining('address 0x00000000fee00000') },
    ]);
    expect(stepOf(guest, 8)).not.toHaveProperty('facts');
  });
});

test('frames that a BAR has and the p2m has not are a hole', () => {
  expect(come(film('memory-map/pages-cut-out', 'xen-4.19'), 3, 'hole')).toContain(
    'd0 hole 0xfe801-0xfe801 0000:00:03.0 bar 0',
  );
});

test('what a BAR left mapped is still its device’s when the BAR has gone', () => {
  const timeline = film('msix/table-traps', 'xen-unstable');
  const left = timeline.places.filter(({ kind, device }) => kind === 'mapped' && device === undefined);
  expect(left).toEqual([]);
  expect(timeline.places.some(({ kind }) => kind === 'mapped')).toBe(true);
});

test.each(['xen-4.17', 'xen-unstable'])('deferred work lies on the map until it is carried out, on %s', (release) => {
  const timeline = film('deferred/carried-out-later', release);
  const [first] = timeline.steps.filter(({ seq }) => come(timeline, seq, 'pending').length > 0);
  if (first === undefined) throw new Error('nothing is deferred');
  const pending = come(timeline, first.seq, 'pending');
  expect(come(timeline, first.seq, 'mapped')).toEqual([]);
  const [done] = timeline.steps.filter(({ seq }) => gone(timeline, seq, 'pending').length > 0);
  expect(gone(timeline, done?.seq ?? 0, 'pending')).toEqual(pending);
  expect(done?.text).toMatch(/^vcpu\.resume/);
});

test('a replay that leaves defined behaviour says how many events were not reached', () => {
  const { steps, unreached } = film('surprises/04-reset-without-owner', 'xen-unstable');
  const { length } = trace('surprises/04-reset-without-owner').subject.events;
  expect(steps.at(-1)?.answer).toBe('undefined (undefined.no-owner)');
  expect(steps.length + (unreached ?? 0)).toBe(length);
});

test('a final state that cannot be looked at is said to be undefined, one that can be is not', () => {
  const { steps, end, unreached } = film('surprises/03-known-device-freed', 'xen-4.20');
  expect(steps.at(-1)?.answer).toBe('0');
  expect([end, unreached]).toEqual(['undefined (undefined.freed-device-listed)', undefined]);
  for (const name of ['surprises/04-reset-without-owner', 'deferred/carried-out-later'])
    expect(film(name, 'xen-unstable').end).toBeUndefined();
});

test('dom0’s windows on Arm are mapped 1:1', () => {
  const timeline = film('arm/hwdom-mappings-as-merged', 'xen-4.21');
  expect(timeline.places.filter(({ type }) => type === '1:1').length).toBeGreaterThan(0);
});

test('a grant table has its facts as a device has', () => {
  const timeline = film('grants/forced', 'linux-6.12');
  const fields = timeline.facts.filter(({ device }) => device === 'grants').map(({ field }) => field);
  expect(fields).toContain('freeRefs');
});
