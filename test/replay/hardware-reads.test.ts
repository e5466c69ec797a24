// SPDX-License-Identifier: GPL-2.0-only

import { expect, test } from 'vitest';
import { z } from 'zod';
import { runCommand } from '../cli/run-command.ts';
import { scratch } from '../cli/scratch.ts';

/** Reads on which no answer depends, and which recordings and `--hardware=all` show all the same. */

const MACHINE = `machine: 1
arch: x86
devices:
  "0000:00:02.0":
    id: 8086:1901
    class: 0x060400
    header: 1
    buses: { primary: 0, secondary: 1, subordinate: 1 }
    registers: { 0x04: 0x00100000, 0x34: 0x40, 0x40: 0x00820010 } # a bridge from PCI to PCIe
  "0000:00:03.0":
    id: 8086:100e
    capabilities: [{ id: pcie, offset: 0xa0, type: endpoint }]
`;

const lineSchema = z.looseObject({ seq: z.number().optional(), hw: z.array(z.string()).optional() });

/** What the last of some rows reads, each as `bus:device.function register size`. */
const readsOf = async (release: string, header: string, ...rows: readonly string[]): Promise<readonly string[]> => {
  const trace = ['# hvreplay-trace: 1', '# machine: m.yaml', header, ...rows].join('\n');
  const here = scratch({ 'm.yaml': MACHINE, 't.csv': `${trace}\n` });
  const ran = await runCommand(['replay', '-r', release, '--format', 'json', '--hardware=all', here.at('t.csv')]);
  const lines = ran.out
    .trim()
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)));
  const { hw = [] } = lines.find(({ seq }) => seq === rows.length) ?? {};
  return hw.filter((access) => access.startsWith('r ')).map((access) => access.split(' ').slice(1, 4).join(' '));
};

const removal = (release: string, sbdf: string): Promise<readonly string[]> =>
  readsOf(release, 'op,dom,sbdf', 'boot.hwdom_setup,,', `physdev.pci_device_remove,d0,${sbdf}`);

const BUSES = ['0000:00:02.0 0x19 1', '0000:00:02.0 0x1a 1'];

test('a bridge that is forgotten is asked for its buses', async () => {
  expect((await removal('xen-4.19', '0000:00:02.0')).slice(-2)).toEqual(BUSES);
});

test.each([
  ['xen-4.21', 0],
  ['xen-4.22', 2],
])('%s: capabilities are looked for %d times when a device is removed', async (release, count) => {
  const reads = await removal(release, '0000:00:03.0');
  expect(reads.filter((read) => read === '0000:00:03.0 0x34 1')).toHaveLength(count);
});

test('devices behind an ECAM window are looked at again, the newest first', async () => {
  const reads = await readsOf(
    'xen-unstable',
    'op,dom,segment,startBus,endBus,flags',
    'boot.hwdom_setup,,,,,',
    'physdev.pci_mmcfg_reserved,d0,0,0,255,0',
  );
  const order = reads.map((read) => read.slice(0, '0000:00:03.0'.length));
  expect([...new Set(order)]).toEqual(['0000:00:03.0', '0000:00:02.0']);
});
