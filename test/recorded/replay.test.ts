// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { compareUnder, loadMachine, loadTrace, machineOf, RECORDED_ON, TRACES } from './load.ts';

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
  expect(sums.values).toBeGreaterThanOrEqual(2400);
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

test('the small machine is a cut of the whole one', () => {
  const whole = loadMachine('../machines/qemu-q35-pvh.yaml');
  const small = loadMachine('../machines/qemu-q35-serial.yaml');
  expect(small.devices.length).toBeGreaterThan(0);
  for (const device of small.devices) expect(device).toEqual(whole.devices.find(({ sbdf }) => sbdf === device.sbdf));
  expect(small.memoryMap).toEqual(whole.memoryMap);
  expect(small.ecam).toEqual(whole.ecam);
});
