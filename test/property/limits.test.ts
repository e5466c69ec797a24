// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { compileDevice } from '../../engine/machine/compile-device.ts';
import type { PlainMachine } from '../../engine/machine/plain.ts';
import { makeSbdf, type Sbdf } from '../../engine/num/sbdf.ts';
import { replayTrace } from '../../engine/replay/replay.ts';
import { RELEASES } from '../../engine/semantics/releases.ts';
import type { ResultLine } from '../../engine/state/result.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';

/** What would take Xen for ever, or more memory than there is, takes the model about as long as anything else. */

const SBDF = makeSbdf(0, 3, 0);
const D0 = { dom: 'd0', vcpu: 0 };
const SET_UP = { op: 'boot.hwdom_setup', args: {} };

const machineOf = (count: number, description: Parameters<typeof compileDevice>[1]): PlainMachine => ({
  ...{ arch: 'x86', memoryMap: [], ecam: [] },
  devices: Array.from({ length: count }, (_, nth) =>
    // Packed numbers of neighbouring functions follow each other.
    compileDevice((SBDF + nth) as Sbdf, { id: '8086:10c9', multifunction: true, ...description }, (_path, message) => {
      throw new Error(message);
    }),
  ),
});

const replay = (
  machine: PlainMachine,
  behaviours: (typeof RELEASES)[number]['behaviours'],
  steps: readonly Pick<TraceEvent, 'op' | 'args'>[],
): readonly ResultLine[] => {
  const events = steps.map((step, index) => ({
    ...{ ...step, seq: index + 1 },
    ...{ time: undefined, ret: undefined, note: undefined },
  }));
  return [...replayTrace({ machine, behaviours, logging: 'off' }, events)];
};

const decoding = (value: bigint) => ({ op: 'cfg.write', args: { ...D0, sbdf: SBDF, reg: 4, size: 2, value } });

describe.each(RELEASES)('$name', ({ behaviours }) => {
  test.each([0, 1])('BARs of 2^61 and 2^62 bytes are mapped and unmapped, preemption %i', (preempt) => {
    const machine = machineOf(1, {
      bars: {
        0: { kind: 'mem64', address: '0x2000000000000000', size: '0x2000000000000000' },
        2: { kind: 'mem64', address: '0x4000000000000000', size: '0x4000000000000000' },
      },
    });
    const toggles = Array.from({ length: 100 }, () => [decoding(2n), decoding(0n)]).flat();
    const option = { op: 'model.option', args: { name: 'preempt', value: preempt } };
    const lines = replay(machine, behaviours, [SET_UP, option, ...toggles, decoding(2n)]);
    expect(lines.at(-1)?.state?.domains['d0']?.p2m).toMatchObject([
      { gfn: '0x2000000000000', lastGfn: '0x7ffffffffffff', mfn: '0x2000000000000' },
    ]);
  });

  test('a p2m is filled to the last frame', () => {
    const all = { dom: 'd1', gfn: 0, nr: 2 ** 52 - 1, mfn: 0, type: 'ram_rw' };
    const lines = replay(machineOf(1, {}), behaviours, [SET_UP, { op: 'p2m.set', args: all }]);
    expect(lines.at(-1)?.state?.domains['d1']?.p2m).toMatchObject([{ gfn: '0x0', lastGfn: '0xffffffffffffe' }]);
  });

  test('4095 devices with all the MSI-X vectors that there can be', () => {
    const machine = machineOf(4095, {
      bars: { 0: { kind: 'mem32', address: 0xfe000000, size: 0x10000 } },
      capabilities: [
        { id: 'msix', offset: 0x70, entries: 2048, table: { bar: 0, offset: 0 }, pba: { bar: 0, offset: 0x8000 } },
      ],
    });
    const lines = replay(machine, behaviours, [SET_UP]);
    expect(Object.keys(lines.at(-1)?.state?.devices ?? {})).toHaveLength(4095);
  });

  test('a hundred thousand writes to as many pages of a BAR', () => {
    const base = 0x2000000000n;
    const machine = machineOf(1, {
      command: 2,
      bars: { 0: { kind: 'mem64', address: Number(base), size: 0x2000000000 } },
    });
    const writes = Array.from({ length: 100_000 }, (_, nth) => ({
      op: 'mmio.write',
      args: { ...D0, gpa: base + BigInt(nth) * 4096n, size: 4, value: 1n },
    }));
    const lines = replay(machine, behaviours, [SET_UP, ...writes]);
    expect(lines.filter(({ via }) => via === 'direct')).toHaveLength(100_000);
  });
});
