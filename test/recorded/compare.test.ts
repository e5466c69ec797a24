// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { compareWithRecord } from '../../engine/replay/recorded.ts';
import type { ResultLine } from '../../engine/state/result.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';

const event = (seq: number, op: string, rest: { ret?: number; value?: bigint; size?: number }): TraceEvent => ({
  ...{ seq, op, ret: rest.ret, time: undefined, note: undefined },
  args: { value: rest.value, size: rest.size },
});

const read = (seq: number, value: bigint | undefined, size = 4): TraceEvent =>
  event(seq, 'cfg.read', value === undefined ? { size } : { value, size });

const divergencesOf = (events: readonly TraceEvent[], lines: readonly ResultLine[]) =>
  compareWithRecord(events, lines).divergences;

describe('results', () => {
  test('equal ones are counted and give no divergence', () => {
    const compared = compareWithRecord(
      [event(1, 'physdev.pci_device_add', { ret: -19 }), event(2, 'note', {})],
      [{ seq: 1, ret: -19 }],
    );
    expect(compared).toEqual({ results: 1, values: 0, divergences: [] });
  });

  test('another one is told with both names', () => {
    const [found] = divergencesOf([event(3, 'physdev.pci_device_add', { ret: -19 })], [{ seq: 3, ret: 0 }]);
    expect(found).toEqual({
      ...{ seq: 3, op: 'physdev.pci_device_add', what: 'ret', fromHardware: false },
      ...{ recorded: '-ENODEV', modelled: '0' },
    });
  });

  test('none of the model where one is recorded is a divergence', () => {
    expect(divergencesOf([event(3, 'physdev.pci_device_add', { ret: 0 })], [])).toMatchObject([
      { seq: 3, what: 'ret', recorded: '0', modelled: undefined },
    ]);
  });
});

describe('values', () => {
  test('of reads are compared as numbers, whatever their spelling', () => {
    expect(compareWithRecord([read(1, 0x103n, 2)], [{ seq: 1, value: '0x0103' }])).toEqual({
      ...{ results: 0, values: 1, divergences: [] },
    });
  });

  test('that differ are told as wide as the access', () => {
    expect(divergencesOf([read(1, 0x1n, 2)], [{ seq: 1, value: '0x103' }])).toMatchObject([
      { what: 'value', recorded: '0x0001', modelled: '0x0103', fromHardware: false },
    ]);
  });

  test('of writes are what was asked for and not compared', () => {
    const compared = compareWithRecord([event(1, 'cfg.write', { value: 1n, size: 4 })], []);
    expect(compared).toEqual({ results: 0, values: 0, divergences: [] });
  });

  test('that were not recorded are not compared', () => {
    expect(compareWithRecord([read(1, undefined)], [{ seq: 1, value: '0x1' }]).values).toBe(0);
  });
});

describe('where a value came from', () => {
  const fromHardware = (value: string, hw: readonly string[], size = 4): boolean | undefined =>
    divergencesOf([read(1, 0xdeadn, size)], [{ seq: 1, value, hw }])[0]?.fromHardware;

  test('hardware, if its reads give it', () => {
    expect(fromHardware('0x8086', ['r 0000:00:00.0 0x0 4 0x8086'])).toBe(true);
  });

  test('hardware, if several reads in any order give it', () => {
    expect(fromHardware('0x29c08086', ['r 0000:00:00.0 0x2 2 0x29c0', 'r 0000:00:00.0 0x0 2 0x8086'])).toBe(true);
  });

  test('Xen, if hardware held something else', () => {
    expect(fromHardware('0x0', ['r 0000:00:00.0 0x0 4 0x8086'])).toBe(false);
  });

  test('Xen, if hardware gave a part of it', () => {
    expect(fromHardware('0x8086', ['r 0000:00:00.0 0x0 2 0x8086'])).toBe(false);
  });

  test('Xen, if hardware was only written', () => {
    expect(fromHardware('0x8086', ['w 0000:00:00.0 0x0 4 0x8086'])).toBe(false);
  });
});

test('where the model leaves defined behaviour the comparison ends with that', () => {
  const events = [read(1, 1n), event(2, 'physdev.pci_device_add', { ret: 0 }), read(3, 3n)];
  const lines = [
    { seq: 1, value: '0x1' },
    { seq: 2, undefined: true, rule: 'undefined.some-rule' },
  ] as const;
  expect(compareWithRecord(events, lines)).toEqual({
    ...{ results: 0, values: 1 },
    divergences: [
      {
        ...{ seq: 2, op: 'physdev.pci_device_add', what: 'end', recorded: '' },
        ...{ modelled: 'undefined.some-rule', fromHardware: false },
      },
    ],
  });
});
