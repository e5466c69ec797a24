// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCommand } from './run-command.ts';
import { scratch } from './scratch.ts';

const VF = 'traces/sriov/vf-before-pf.csv';
const PAIR = ['--release', 'xen-4.19', '--release', 'xen-4.20'];
const SAME = 'traces/bars/decoding-on-and-off.csv';

const shrink = (...words: readonly string[]) => runCommand(['shrink', ...words]);

/** What a report holds between two of its scissors lines. */
const cutOut = (report: string, name: string): string =>
  new RegExp(`-- >8 -- ${name} -- >8 --\n((?:.*\n)*?)-- >8 --`).exec(report)?.[1] ?? '';

describe('the report', () => {
  test('has trace, machine, both answers, the change with its commit, the rules and the command', async () => {
    const { exit, out } = await shrink(VF, ...PAIR, '--event', '4');
    expect(exit).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^Subject: physdev\.pci_device_add .*: 0 on xen-4\.19, -ENODEV on xen-4\.20$/);
    expect(out).toContain('The smallest trace that shows it, of 2 events: nothing can be left out.');
    expect(out).toContain('      xen-4.19: 0\n      xen-4.20: -ENODEV\n');
    expect(out).toContain('    8fe330a4da, xen-4.20: ');
    expect(out).toContain('  vf.pf-unknown: ');
    expect(out).toContain('xen/drivers/passthrough/pci.c: pci_add_device');
    expect(out).toContain('  hvreplay compare trace.csv --release xen-4.19 --release xen-4.20');
  });

  test('has a trace and a machine that show the difference when they are cut out of it', async () => {
    const { out } = await shrink('traces/surprises/06-rom-takes-bar-along.csv', '-r', 'xen-4.18', '-r', 'xen-4.19');
    const { at } = scratch({ 'trace.csv': cutOut(out, 'trace.csv'), 'machine.yaml': cutOut(out, 'machine.yaml') });
    const compared = await runCommand(['compare', at('trace.csv'), '-r', 'xen-4.18', '-r', 'xen-4.19']);
    expect(compared.exit).toBe(1);
    expect(compared.out).toContain('622bdd9628');
  });

  test('fits into 72 columns, but for the rows of the trace', async () => {
    const { out } = await shrink('traces/recorded/sriov-vfs-before-pf.csv', '-r', 'xen-unstable', '--recorded');
    const outside = out.replace(cutOut(out, 'trace.csv'), '').split('\n').slice(1);
    expect(outside.filter((line) => line.length > 72)).toEqual([]);
    expect(out).toMatch(/expected \(recorded ret\): -ENODEV\n {2}got \(xen-unstable\): 0\n/);
  });

  test('is the same each time', async () => {
    const words = ['traces/recorded/boot-hidden-serial.csv', '--field', 'hardware bar'] as const;
    expect((await shrink(...words)).out).toBe((await shrink(...words)).out);
  });

  test('says where in each release Xen leaves defined behaviour', async () => {
    const { out, notes } = await shrink('traces/surprises/02-hidden-msix-removed.csv', '-r', 'xen-4.22');
    expect(out).toContain(
      'undefined\n      (undefined.msix-of-freed-device)\n\nThe same in xen-4.17 to xen-unstable.\n',
    );
    expect(notes).toMatch(/^5 events to 4; \d+ trials, \d+ a second\n$/);
  });

  test('is about several events that contradict each other', async () => {
    const words = ['traces/surprises/09-guest-reads-decoding-on.csv', '-r', 'xen-4.22'] as const;
    const events = ['3', '4', '5'].flatMap((event) => ['--event', event]);
    const { out } = await shrink(...words, ...events);
    expect(out).toContain('cfg.read d1 0000:00:00.0 reg=0x4 size=0x2: 0x0002\n');
    expect(out).toContain('hw.get 0000:00:05.0 reg=0x4 size=0x2: 0x0000\n');
    expect(out).toContain('Event 3 was decided on xen-4.22 by\n');
  });

  test('is about what a proposal changes in a release', async () => {
    const { out } = await shrink('traces/sriov/pf-removed-with-vfs.csv', '-r', 'xen-4.18', '--with', 'pfvf-merged');
    expect(out).toContain('4e18a39056, pfvf-merged');
    expect(out).toContain('--release xen-4.18 --release xen-4.18+pfvf-merged\n');
  });

  test('comes as JSON with all files', async () => {
    const { out } = await shrink(VF, ...PAIR, '--format', 'json');
    expect(JSON.parse(out)).toMatchObject({
      ...{ trace: VF, events: 2, shows: [2], isSmallest: true },
      files: { 'trace.csv': expect.any(String), 'xen-4.19.txt': expect.stringContaining('hvreplay golden 1') },
    });
  });
});

test('the page about shrinking says what is printed', async () => {
  const page = readFileSync('docs/shrinking.md', 'utf8');
  const [, command = '', output] = /^```console\n\$ hvreplay (.+)\n((?:.*\n)*?)```$/m.exec(page) ?? [];
  expect((await runCommand(command.split(' '))).out).toBe(output);
});

describe('the files', () => {
  test('replay to their golden files, and are not replaced unless that is asked for', async () => {
    const { at, read } = scratch();
    const words = [VF, ...PAIR, '--out', at('small')];
    expect(await shrink(...words)).toMatchObject({ exit: 0, out: '' });
    for (const release of ['xen-4.19', 'xen-4.20']) {
      const { out } = await runCommand(['replay', at('small/trace.csv'), '--release', release]);
      expect(read(`small/${release}.txt`).split('\n\n').slice(1)).toEqual(out.split('\n\n').slice(1));
    }
    const again = await shrink(...words);
    expect(again).toMatchObject({ exit: 2, notes: expect.stringContaining('trace.csv: is there already') });
    expect((await shrink(...words, '--force')).exit).toBe(0);
  });

  test('are not written where there is nothing to keep', async () => {
    const { at } = scratch();
    expect((await shrink(SAME, '--out', at('none'))).exit).toBe(2);
    expect(existsSync(at('none'))).toBe(false);
  });
});

test.each([
  [[SAME], 'xen-4.17 and xen-unstable agree: there is no difference to keep'],
  [[VF, ...PAIR, '--event', '1'], 'agree about the event'],
  [[VF, ...PAIR, '--event', '99'], '--event 99: traces/sriov/vf-before-pf.csv has no such event'],
  [[VF, ...PAIR, '--event', 'x'], '--event x: expected the number of an event'],
  [[VF, ...PAIR, '--field', 'mmio_direct'], '--field mmio_direct: no fact contains this; there are '],
  [[VF, ...PAIR, '--field', 'p2m d0'], "agree about 'p2m d0'"],
  [[VF, ...PAIR, '--field', 'a', '--event', '4'], '--field and --event: expected one of them'],
  [[VF, ...PAIR, '--rule', 'vf.pf-unknown'], '--rule goes with one release'],
  [[VF, ...PAIR, '--event', '4', '--event', '5'], '--event: expected it once for two releases'],
  [[VF, '-r', 'xen-4.20', '--rule', 'vf.pf-unknown', '--event', '4', '--event', '5'], '--event: expected it once here'],
  [[VF, ...PAIR, '--with', 'pfvf-v6'], '--with adds to one release'],
  [[VF, ...PAIR, '-r', 'xen-4.21'], 'expected one release, or two'],
  [[VF, '-r', 'xen-4.20'], 'Xen stays within defined behaviour'],
  [[VF, '-r', 'xen-4.20', '--field', 'a'], '--field goes with two releases'],
  [[VF, '-r', 'xen-4.20', '--rule', 'vf.pf-unknow'], 'did you mean vf.pf-unknown?'],
  [[VF, '-r', 'xen-4.20', '--rule', 'undefined.no-owner'], 'on xen-4.20 undefined.no-owner decides nothing'],
  [[VF, '-r', 'xen-4.20', '--recorded', '--rule', 'vf.pf-unknown'], 'expected one of them'],
  [['traces/recorded/boot-hidden-serial.csv', '-r', 'xen-4.20', '--recorded'], 'nothing that was recorded differs'],
  [[VF, '-r', 'xen-4.2'], "unknown release 'xen-4.2'"],
  [[VF, '--trials', '0'], '--trials 0: expected how many'],
  [[VF, '--machine', 'traces/machines/none.yaml'], 'no such file'],
  [['traces/none.csv'], 'no such file'],
])('%j is refused: %s', async (words, message) => {
  const { exit, out, notes } = await shrink(...words);
  expect([exit, out]).toEqual([2, '']);
  expect(notes).toContain(message);
});

test('a search that ends at its limit says so, and what it has shows the difference', async () => {
  const noise = 'cfg.read,d0,0000:00:03.0,,,0,4\n'.repeat(5000);
  const trace =
    '# hvreplay-trace: 1\n# machine: m.yaml\nop,dom,sbdf,flags,physfn,reg,size\n' +
    `${noise}physdev.pci_device_add,d0,0000:03:10.0,virtfn,03:00.0,,\n`;
  const { at } = scratch({ 't.csv': trace, 'm.yaml': 'machine: 1\narch: x86\ndevices: { "0000:03:00.0": {} }\n' });
  const limited = await shrink(at('t.csv'), ...PAIR, '--trials', '31', '--out', at('small'));
  expect(limited).toMatchObject({ exit: 0, notes: expect.stringContaining('stopped at the limit of 31') });
  expect((await runCommand(['compare', at('small/trace.csv'), ...PAIR])).exit).toBe(1);
  const whole = await shrink(at('t.csv'), ...PAIR);
  expect(whole.notes).toMatch(/^5001 events to 1; /);
});
