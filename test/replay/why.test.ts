// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { deviceFacts } from '../../engine/golden/device-facts.ts';
import { gfn } from '../../engine/num/frames.ts';
import { formatSbdf, parseSbdf, type Sbdf } from '../../engine/num/sbdf.ts';
import type { Subject } from '../../engine/replay/compare-outcome.ts';
import { watchReplay, whyEvent } from '../../engine/replay/why.ts';
import { type DeviceReasons, type NoDevice, whyDevice } from '../../engine/replay/why-device.ts';
import { type FrameReasons, whyFrame } from '../../engine/replay/why-frame.ts';
import type { ModelWorld } from '../../engine/state/model-world.ts';
import { deviceJson } from '../../engine/state/state-json.ts';
import { authored, state, trace } from './corpus.ts';

const ALL = Number.MAX_SAFE_INTEGER;

const sbdf = (text: string): Sbdf => {
  const parsed = parseSbdf(text);
  if (parsed === undefined) throw new Error(`${text} is an SBDF`);
  return parsed;
};

const rulesOf = ({ decisions }: { readonly decisions: readonly { readonly rule: string }[] }): readonly string[] =>
  decisions.map(({ rule }) => rule);

describe('why an event answered what it did', () => {
  const { subject } = trace('sriov/pf-removed-with-vfs');

  test('is told by the rules that decided, with what they were about', () => {
    const found = whyEvent(subject, state('xen-4.19').behaviours, 3);
    expect(found).toMatchObject({
      ...{ row: 4, event: { op: 'physdev.pci_device_remove' }, answer: { seq: 4, ret: -16 } },
      decisions: [{ rule: 'remove.pf-has-vfs', subject: { sbdf: sbdf('0000:03:00.0') } }],
    });
  });

  test('is another reason on a release that answers otherwise', () => {
    const found = whyEvent(subject, state('xen-4.18').behaviours, 3);
    expect(found).toMatchObject({ answer: { ret: 0 } });
    expect(JSON.stringify(found)).not.toContain('remove.pf-has-vfs');
  });
});

describe('why a guest frame is mapped, or is not', () => {
  const frame = (name: string, release: string, number: number, last = ALL): FrameReasons => {
    const found = whyFrame(trace(name).subject, state(release).behaviours, {
      ...{ domain: 'd0', gfn: gfn(number), last },
    });
    if ('domains' in found) throw new Error('d0 is there');
    return found;
  };
  const seqs = (list: FrameReasons['kept']): readonly number[] => list.map(({ event }) => event.seq);

  test('names the event that took a shared page away, newest first', () => {
    const { now, changes } = frame('hidden/page-shared-with-hwdom', 'xen-4.17', 0xfe101);
    expect(now).toBeUndefined();
    expect(changes.map(({ event, before, after }) => [event.seq, before, after])).toEqual([
      [6, 'mfn 0xfe101 mmio_direct', undefined],
      [2, undefined, 'mfn 0xfe101 mmio_direct'],
    ]);
    expect(changes.map(rulesOf)).toEqual([['map.deferred', 'decoding.off'], ['decoding.on']]);
  });

  test('names the rule that kept a shared page', () => {
    const { now, changes, kept } = frame('hidden/page-shared-with-hwdom', 'xen-4.18', 0xfe101);
    expect(now).toBe('mfn 0xfe101 mmio_direct');
    expect(seqs(changes)).toEqual([2]);
    expect(seqs(kept)).toEqual([6, 4]);
    expect(kept.map((one) => rulesOf(one)[0])).toEqual(['map.shared-with-enabled-bar', 'map.shared-with-enabled-bar']);
  });

  test('looks no further than the event asked for', () => {
    const { now, changes } = frame('hidden/page-shared-with-hwdom', 'xen-4.17', 0xfe101, 4);
    expect([now, seqs(changes)]).toEqual(['mfn 0xfe101 mmio_direct', [2]]);
  });

  test('finds the hole of an MSI-X table, which its neighbour has no part in', () => {
    const table = frame('msix/table-traps', 'xen-4.20', 0xfe400);
    const next = frame('msix/table-traps', 'xen-4.20', 0xfe402);
    expect([table.now, table.atStart, table.changes]).toEqual([undefined, undefined, []]);
    expect(table.kept.map(rulesOf)).toEqual([['decoding.on', 'msix.hole-made']]);
    expect(next.changes.map(rulesOf)).toEqual([['decoding.on']]);
  });

  test('finds the memory map in the way of a BAR', () => {
    const { now, kept, bars } = frame('memory-map/pages-cut-out', 'xen-4.20', 0xfe801);
    expect([now, bars]).toEqual([undefined, ['0000:00:03.0 bar 0, disabled']]);
    expect(seqs(kept)).toEqual([6, 3]);
    for (const one of kept) expect(rulesOf(one)).toContain('map.memory-map-cut-out');
  });

  test('has nothing to say of a frame that nothing is about', () => {
    const nothing = { now: undefined, atStart: undefined, changes: [], kept: [], bars: [], end: undefined };
    expect(frame('memory-map/pages-cut-out', 'xen-4.20', 0x12345)).toEqual(nothing);
  });

  test('names the domains there are for one that is not', () => {
    const question = { domain: 'd9', gfn: gfn(1), last: ALL };
    const found = whyFrame(trace('msix/table-traps').subject, state('xen-4.20').behaviours, question);
    expect(found).toHaveProperty('domains', expect.arrayContaining(['d0']));
  });
});

describe('why a device is as it is', () => {
  const ask = (device: string, field: string, last: number): DeviceReasons | NoDevice =>
    whyDevice(trace('sriov/pf-removed-with-vfs').subject, state('xen-4.20').behaviours, {
      ...{ sbdf: sbdf(device), isWanted: (name) => name.includes(field), last, describe: deviceFacts },
    });
  const device = (field: string, last = ALL): DeviceReasons => {
    const found = ask('0000:03:10.0', field, last);
    if ('devices' in found) throw new Error('the VF is known');
    return found;
  };

  test('is told by the events that changed a fact, newest first, with both values', () => {
    expect(device('flags', 6).changes.map(({ event, fields }) => [event.seq, fields])).toEqual([
      [7, [{ field: 'flags', before: 'broken virtfn', after: 'broken quarantine virtfn' }]],
      [4, [{ field: 'flags', before: 'virtfn', after: 'broken virtfn' }]],
      [3, [{ field: 'flags', before: undefined, after: 'virtfn' }]],
    ]);
  });

  test('may be decided about another device', () => {
    expect(device('flags', 3).changes[0]?.decisions).toEqual([
      { rule: 'remove.pf-has-vfs', subject: { sbdf: sbdf('0000:03:00.0') } },
    ]);
  });

  test('knows the facts of the moment', () => {
    expect(device('flags', 3).now).toEqual(new Map([['flags', 'broken virtfn']]));
    expect(device('', 3).now.get('pf')).toBe('0000:03:00.0');
  });

  test('is not asked of a device that nothing knows', () => {
    expect(ask('0000:7f:1f.7', '', ALL)).toHaveProperty(
      'devices',
      expect.arrayContaining([sbdf('0000:03:00.0'), sbdf('0000:03:10.0')]),
    );
  });
});

describe('what changed a device', () => {
  /** Looks at the device after every event, whatever it is. */
  const changedBy = (subject: Subject, releaseName: string, device: Sbdf): readonly string[] => {
    const name = formatSbdf(device);
    let before = '';
    const found: string[] = [];
    const look = (world: ModelWorld, seq: number): void => {
      const facts = deviceFacts('', name, deviceJson(world, device));
      const now = JSON.stringify(facts);
      if (now !== before && seq > 0) found.push(`${name} ${seq}`);
      before = now;
    };
    watchReplay(subject, state(releaseName).behaviours, ALL, {
      start: (world) => look(world, 0),
      after: ({ world, event, isEnd }) => {
        if (!isEnd) look(world, event.seq);
      },
    });
    return found;
  };

  test('is not overlooked for the sake of speed, in any trace of the corpus', () => {
    for (const { name, subject, releases } of authored()) {
      const release = releases.at(-1) ?? 'xen-unstable';
      for (const { sbdf: device } of subject.machine.devices) {
        const question = { sbdf: device, isWanted: () => true, last: ALL, describe: deviceFacts };
        const found = whyDevice(subject, state(release).behaviours, question);
        const seqs = 'devices' in found ? [] : found.changes.map(({ event }) => `${formatSbdf(device)} ${event.seq}`);
        expect([name, ...seqs.toReversed()]).toEqual([name, ...changedBy(subject, release, device)]);
      }
    }
  });
});

describe('a replay that leaves defined behaviour', () => {
  const { subject } = trace('msix/device-gone');
  const { behaviours } = state('xen-4.22');
  const end = { event: { seq: 5 }, answer: { undefined: true, rule: 'undefined.msix-of-freed-device' } };

  test('ends there for frames and devices', () => {
    expect(whyFrame(subject, behaviours, { domain: 'd0', gfn: gfn(0xfe400), last: ALL })).toMatchObject({ end });
    expect(
      whyDevice(subject, behaviours, {
        ...{ sbdf: sbdf('0000:00:03.0'), isWanted: () => true, last: ALL, describe: deviceFacts },
      }),
    ).toMatchObject({ end });
  });

  test('does not reach the events after it', () => {
    const afterwards = { ...subject, events: [...subject.events, ...subject.events.slice(0, 1)] };
    expect(whyEvent(afterwards, behaviours, afterwards.events.length - 1)).toMatchObject({ end });
  });
});
