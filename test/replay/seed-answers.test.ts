// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { renderBody } from '../../engine/golden/text.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import type { Subject } from '../../engine/replay/compare-outcome.ts';
import { foldNames, seedAnswers } from '../../engine/replay/seed-answers.ts';
import { findState, type SystemState } from '../../engine/semantics/states.ts';
import { loadMachine } from '../../engine/state/load-machine.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';

const MACHINE = `
machine: 1
arch: x86
memoryMap: []
devices:
  "0000:00:03.0": { id: 8086:1234 }
  "0000:03:00.0":
    id: 8086:10c9
    capabilities:
      - { id: pcie, offset: 0xa0, type: endpoint }
      - { id: sriov, offset: 0x160, totalVfs: 8, firstVfOffset: 0x80, vfStride: 2, vfDevice: 0x10ca }
  "0000:03:10.0": { vf: { of: "03:00.0" } }
`;

const subjectOf = (...rows: readonly string[]): Subject => {
  const machine = loadMachine(MACHINE);
  const text = ['# hvreplay-trace: 1', 'op,dom,sbdf,flags,physfn,reg,size,value', ...rows].join('\n');
  const trace = decodeCsv(new TextEncoder().encode(`${text}\n`), OPERATIONS);
  if (!machine.ok || !trace.ok) throw new Error(JSON.stringify([machine, trace]));
  return {
    ...{ machine: machine.value, events: trace.value.events, hardware: false },
    render: (lines, events) => renderBody(lines, events, OPERATIONS),
  };
};

const states = (...names: readonly string[]): readonly SystemState[] =>
  names.map((name) => {
    const state = findState(name);
    if (state === undefined) throw new Error(name);
    return state;
  });

const VF_FIRST = [
  'boot.hwdom_setup,,,,,,,',
  'hw.set,,0000:03:00.0,,,0x168,2,0x9',
  'physdev.pci_device_remove,d0,0000:03:00.0,,,,,',
  'cfg.read,d0,0000:00:03.0,,,0x0,4,',
  'physdev.pci_device_add,d0,0000:03:10.0,virtfn,03:00.0,,,',
];
const KEY = 'event 5 physdev.pci_device_add d0 0000:03:10.0 flags=virtfn physfn=0000:03:00.0';

describe('what states answer to a question', () => {
  test('is what differs, with states that agree together', () => {
    const { answers } = seedAnswers(subjectOf(...VF_FIRST), states('xen-4.19', 'xen-4.20', 'xen-4.21'), undefined);
    expect(answers.map((answer) => answer.states)).toEqual([['xen-4.19'], ['xen-4.20', 'xen-4.21']]);
    expect(answers.map(({ facts }) => facts[0])).toEqual([
      { key: KEY, value: '0' },
      { key: KEY, value: '-ENODEV' },
    ]);
  });

  test('is the last answer where nothing differs', () => {
    const { answers } = seedAnswers(subjectOf(...VF_FIRST), states('xen-4.20', 'xen-4.21'), undefined);
    expect(answers).toEqual([{ states: ['xen-4.20', 'xen-4.21'], facts: [{ key: KEY, value: '-ENODEV' }] }]);
  });

  test('is what the trace says, by whole words; what a state has not is told', () => {
    const subject = subjectOf(...VF_FIRST);
    const { answers, unknown } = seedAnswers(subject, states('xen-4.20'), 'event 4; final p2m d1; event 44');
    expect(answers[0]?.facts).toEqual([
      { key: 'event 4 cfg.read d0 0000:00:03.0 reg=0x0 size=0x4', value: '0x12348086' },
      { key: 'final p2m d1', value: undefined },
      { key: 'event 44', value: undefined },
    ]);
    expect(unknown).toEqual(['event 44']);
  });

  test('ends where defined behaviour ends', () => {
    const subject = subjectOf(
      'boot.scan,,,,,,,',
      'physdev.pci_device_reset,d0,0000:00:03.0,,,,,',
      'boot.hwdom_setup,,,,,,,',
    );
    const { answers } = seedAnswers(subject, states('xen-4.20'), 'event 1; event 3; final device 0000:00:03.0 owner');
    expect(answers[0]?.facts.map(({ key, value }) => [key.slice(0, 7), value])).toEqual([
      ['event 1', '0'],
      ['event 2', 'undefined (undefined.no-owner)'],
    ]);
  });
});

describe('names of states', () => {
  test('are folded to ranges of releases of one series', () => {
    expect(foldNames(['xen-4.17', 'xen-4.18', 'xen-4.20', 'pfvf-v6', 'pfvf-busy'])).toEqual([
      ...['xen-4.17..xen-4.18', 'xen-4.20', 'pfvf-v6', 'pfvf-busy'],
    ]);
    expect(foldNames(['xen-4.22', 'xen-unstable'])).toEqual(['xen-4.22..']);
    expect(foldNames(['linux-6.12', 'linux-7.2'])).toEqual(['linux-6.12..']);
    expect(foldNames(['pfvf-v6', 'xen-4.20', 'xen-unstable', 'xen-4.19'])).toEqual([
      ...['xen-4.19..xen-4.20', 'xen-unstable', 'pfvf-v6'],
    ]);
  });
});
