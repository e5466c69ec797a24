// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { compareUnder, loadMachine, loadTrace, machineOf, RECORDED_ON, releaseNamed, TRACES } from './load.ts';

describe.each(TRACES)('%s', (name) => {
  const trace = loadTrace(name);

  test(`the model on ${RECORDED_ON} answers what the real system answered`, () => {
    const { results, values, divergences } = compareUnder(RECORDED_ON, machineOf(trace), trace.events);
    expect(divergences).toEqual([]);
    expect(results).toBeGreaterThan(0);
    expect(values).toBeGreaterThan(0);
  });

  test('has a value for every read and a result for every hypercall', () => {
    for (const { op, args, ret } of trace.events) {
      const { value } = args;
      if (op.endsWith('.read')) expect(value).toBeDefined();
      if (op.startsWith('physdev.')) expect(ret).toBeDefined();
    }
  });

  test('says why where hardware changed by itself', () => {
    for (const { op, note } of trace.events) if (op === 'hw.set') expect(note).toBeTruthy();
  });

  test('has a title, and begins and ends with a note', () => {
    expect(trace.header.title).toBeTruthy();
    expect([trace.events.at(0)?.op, trace.events.at(-1)?.op]).toEqual(['note', 'note']);
  });
});

test('most of what the recordings hold was compared', () => {
  const sums = { results: 0, values: 0 };
  for (const name of TRACES) {
    const trace = loadTrace(name);
    const { results, values } = compareUnder(RECORDED_ON, machineOf(trace), trace.events);
    sums.results += results;
    sums.values += values;
  }
  expect(sums.results).toBeGreaterThanOrEqual(60);
  expect(sums.values).toBeGreaterThanOrEqual(2300);
});

describe('other releases part ways with the record where Xen changed', () => {
  const seqsOf = (name: string, release: string): readonly string[] => {
    const trace = loadTrace(name);
    const { divergences } = compareUnder(release, machineOf(trace), trace.events);
    return divergences
      .filter(({ what }) => what === 'ret')
      .map(({ op, recorded, modelled }) => `${op} ${recorded} ${modelled}`);
  };

  test('4.18 drops a PF with VFs, 4.20 says it is busy', () => {
    expect(seqsOf('pf-removal-with-vfs.csv', 'xen-4.18')).toContain('physdev.pci_device_remove -EBUSY 0');
  });

  test('unstable hides the MSI-X of a hot-plugged device with its BARs at 0, 4.20 refuses the device', () => {
    expect(seqsOf('hotplug-bars-at-zero.csv', 'xen-unstable')).toEqual([
      'physdev.pci_device_add -EEXIST 0',
      'physdev.pci_device_remove -EINVAL 0',
    ]);
  });

  test('unstable takes VFs over, 4.20 refuses them', () => {
    expect(seqsOf('sriov-vfs-after-pf.csv', 'xen-unstable')).toContain('physdev.pci_device_add -ENODEV 0');
  });
});

describe.each(['serial', 'sriov', 'cards'])('the machine qemu-q35-%s', (name) => {
  test('is a cut of the whole one', () => {
    const whole = loadMachine('../machines/qemu-q35-pvh.yaml');
    const part = loadMachine(`../machines/qemu-q35-${name}.yaml`);
    expect(part.devices.length).toBeGreaterThan(1);
    for (const device of part.devices) expect(device).toEqual(whole.devices.find(({ sbdf }) => sbdf === device.sbdf));
    expect(part.memoryMap).toEqual(whole.memoryMap);
    expect(part.ecam).toEqual(whole.ecam);
  });
});

/** First and last frame of what a Xen that logs each call mapped for dom0 before dom0 ran, in its order. */
const MAPPED_AT_BOOT = [
  [0xfea40, 0xfea40],
  [0xfea41, 0xfea41],
  [0xfea42, 0xfea42],
  [0xfea43, 0xfea43],
  [0xfea44, 0xfea44],
  [0xfea45, 0xfea45],
  [0xc0a0000, 0xc0a0fff],
  [0xfea46, 0xfea46],
  [0xc0a1000, 0xc0a1003],
  [0xfea47, 0xfea47],
  [0xfe840, 0xfe85f],
  [0xfe860, 0xfe87f],
  [0xfe880, 0xfe883],
  [0xfe600, 0xfe61f],
  [0xfe620, 0xfe63f],
  [0xfe640, 0xfe643],
  [0xfe400, 0xfe403],
  [0xfe000, 0xfe000],
] as const;

/** Pages of MSI-X tables and PBAs, unmapped again when decoding is on; no later call in the log names them. */
const MSIX_PAGES = [
  ...[0xfea40, 0xfea41, 0xfea42, 0xfea43, 0xfea44, 0xfea46],
  ...[0xfe880, 0xfe882, 0xfe640, 0xfe642, 0xfe402, 0xfe403],
];

const framesOf = (ranges: Iterable<readonly [number, number]>): Set<number> => {
  const frames = new Set<number>();
  for (const [first, last] of ranges) for (let frame = first; frame <= last; frame++) frames.add(frame);
  return frames;
};

test("after boot dom0's p2m holds what the real one had mapped, less the MSI-X pages", () => {
  const trace = loadTrace('boot-whole-machine.csv');
  const release = releaseNamed(RECORDED_ON);
  const [state] = [...release.replay({ machine: machineOf(trace), logging: 'off' }, trace.events)].flatMap((line) =>
    line.state === undefined ? [] : [line.state],
  );
  const { d0 } = state?.domains ?? {};
  const p2m = d0?.p2m ?? [];
  expect(p2m.every(({ gfn, mfn }) => gfn === mfn)).toBe(true);
  const expected = framesOf(MAPPED_AT_BOOT);
  for (const page of MSIX_PAGES) expect(expected.delete(page)).toBe(true);
  expect(framesOf(p2m.map(({ gfn, lastGfn }) => [Number(gfn), Number(lastGfn)]))).toEqual(expected);
});
