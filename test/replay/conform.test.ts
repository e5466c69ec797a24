// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { conform, contextOf, type Replayer } from '../../engine/replay/conform.ts';
import type { ResultLine } from '../../engine/state/result.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';

const event = (seq: number, op: string, args: TraceEvent['args'], ret?: number): TraceEvent => ({
  ...{ seq, op, args, ret, time: undefined, note: undefined },
});

const read = (seq: number, value: bigint, size = 4): TraceEvent => event(seq, 'cfg.read', { value, size });

/** Answers each event with the line of its number, if there is one, and notes what it was given. */
const replayer = (lines: readonly ResultLine[], given: TraceEvent[] = []): Replayer =>
  function* (events, trail) {
    for (const one of events) {
      given.push(one);
      const line = lines.find(({ seq }) => seq === one.seq);
      if (one.op !== 'hw.set') trail?.record('remove.unknown', {});
      if (one.op !== 'hw.set' && line !== undefined) yield line;
      if (line?.undefined) return;
    }
    yield { final: true, state: { domains: {}, devices: {}, events: given.length } };
  };

test('what hardware would have had to hold is put in behind the read, register by register', () => {
  const given: TraceEvent[] = [];
  const hw = ['r 0000:00:02.0 0x6 2 0x2222', 'r 0000:00:02.0 0x4 2 0x1111'];
  const events = [read(1, 0xaaaabbbbn), read(2, 0x0n)];
  const found = conform(
    replayer(
      [
        { seq: 1, value: '0x22221111', hw },
        { seq: 2, value: '0x0' },
      ],
      given,
    ),
    events,
    [],
  );
  const sbdf = parseSbdf('0000:00:02.0');
  expect(found.findings).toEqual([]);
  expect(found.learned).toMatchObject([
    { seq: 1, recorded: '0xaaaabbbb', modelled: '0x22221111', sbdf: '0000:00:02.0' },
  ]);
  expect(given.map(({ op, args }) => [op, args])).toEqual([
    ['cfg.read', { value: 0xaaaabbbbn, size: 4 }],
    ['hw.set', { sbdf, reg: 4, size: 2, value: 0xbbbbn }],
    ['hw.set', { sbdf, reg: 6, size: 2, value: 0xaaaan }],
    ['cfg.read', { value: 0n, size: 4 }],
  ]);
});

test('where the model has no answer any more that is a finding, with its rule, and the rest is not compared', () => {
  const lines: readonly ResultLine[] = [{ seq: 2, undefined: true, rule: 'undefined.some-rule' }];
  const events = [event(1, 'note', {}), event(2, 'physdev.pci_device_add', {}, 0), read(3, 1n)];
  const found = conform(replayer(lines), events, []);
  expect(found).toMatchObject({
    findings: [{ seq: 2, what: 'end', modelled: 'undefined.some-rule', rules: ['remove.unknown'] }],
    replayed: 2,
  });
  expect(found.findings).toHaveLength(1);
  expect(found.compared.size).toBe(0);
});

test('an event that the model does not answer at all diverges', () => {
  const found = conform(replayer([]), [event(1, 'physdev.pci_device_add', {}, 0)], []);
  expect(found.findings).toMatchObject([{ seq: 1, what: 'ret', recorded: '0', modelled: undefined }]);
});

test('the state after an event has what was learned before it, not after it', () => {
  const hw = ['r 0000:00:02.0 0x4 4 0x1'];
  const lines = [1, 2, 3].map((seq) => ({ seq, value: '0x1', hw }));
  const events = [read(1, 2n), read(2, 3n), read(3, 4n)];
  const { lessons } = conform(replayer(lines), events, []);
  expect(lessons.size).toBe(3);
  const counting = replayer(lines);
  expect(contextOf(counting, events, lessons, 2, 1)).toMatchObject({ state: { events: 3 }, before: [events[0]] });
});
