// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Ran, runCommand } from './run-command.ts';
import { scratch } from './scratch.ts';

const VFS = 'sriov/pf-removed-with-vfs.csv';
const MACHINE = /^# machine: \.\.\/(.+)$/m;

/** The trace and an edit of it, on the same machine. */
const compare = async (edit: (text: string) => string, ...words: readonly string[]): Promise<Ran> => {
  const text = readFileSync(`traces/${VFS}`, 'utf8');
  const machine = MACHINE.exec(text)?.[1] ?? '';
  const here = scratch({
    [`traces/${machine}`]: readFileSync(`traces/${machine}`, 'utf8'),
    'traces/s/before.csv': text,
    'traces/s/after.csv': edit(text),
  });
  return runCommand(['compare', here.at('traces/s/before.csv'), here.at('traces/s/after.csv'), ...words]);
};

const withoutRow = (text: string): string => text.replace(/^physdev\.pci_device_add.*\n/m, '');

describe('compare with two traces', () => {
  test('names the row that only one has, where they part, and what differs', async () => {
    const { exit, out } = await compare(withoutRow, '--release', 'xen-4.20');
    expect(exit).toBe(1);
    expect(out).toMatch(
      /\non xen-4\.20 they differ\n\n8 rows in both, - 1 only in the first, \+ 0 only in the second\n/,
    );
    expect(out).toMatch(/\n {2}- before\.csv:\d+ event 3 physdev\.pci_device_add d0 0000:03:10\.0/);
    expect(out).toMatch(/\nfirst in the state after before\.csv:\d+ event 3 /);
    expect(out).toContain('event 4 physdev.pci_device_remove d0 0000:03:00.0\n      first: -EBUSY\n      second: 0\n');
  });

  test('tells which rules decided the first answer that differs, on the side that applied them', async () => {
    const { out } = await compare(withoutRow, '--release', 'xen-4.20');
    const [, told = ''] = out.split(/\nthe first answer that differs is that to before\.csv:\d+ event 4 ?\n? */);
    expect(told).toMatch(
      /^physdev\.pci_device_remove .*\n {2}first: -EBUSY, decided by\n {4}remove\.pf-has-vfs: 0000:03:00\.0\n/,
    );
    expect(told).toContain('\n  second: 0');
    expect(told.match(/remove\.pf-has-vfs/g)).toHaveLength(1);
  });

  test('takes what a checkpoint shows for state, not for an answer', async () => {
    const { out } = await compare((text) =>
      text.replace(/^(boot\.hwdom_setup.*\n)/m, '$1hw.unplug,,0000:03:00.0,,,,,,,\n'),
    );
    expect(out).not.toMatch(/answer.*\n? *checkpoint/);
  });

  test('puts the same rows side by side, whatever their numbers', async () => {
    const { exit, out } = await compare((text) => text.replace(/^(boot\.hwdom_setup.*\n)/m, '$1note,,,,,,,,,\n'));
    expect(out).toContain(
      '9 rows in both, - 0 only in the first, + 1 only in the second\n  + after.csv:10 event 2 note\n',
    );
    expect([exit, out]).toEqual([0, expect.stringContaining('they agree')]);
  });

  test('agrees where nothing was changed', async () => {
    expect(await compare((text) => text)).toMatchObject({ exit: 0, out: expect.stringContaining(' they agree\n') });
  });

  test('says the same to programs', async () => {
    const { out } = await compare(withoutRow, '--format', 'json');
    expect(JSON.parse(out)).toMatchObject({
      ...{ differ: true, alone: [{ a: 3, b: null }], first: { a: 3, b: null, what: 'row' } },
      answer: { a: 4, b: 3, reasons: { a: { rules: [{ rule: 'remove.pf-has-vfs' }] } } },
      facts: expect.arrayContaining([
        { key: 'event 4 physdev.pci_device_remove d0 0000:03:00.0', a: '-EBUSY', b: '0' },
      ]),
    });
  });

  test('takes one release', async () => {
    const { exit, notes } = await compare((text) => text, '-r', 'xen-4.18', '-r', 'xen-4.19');
    expect([exit, notes]).toEqual([2, expect.stringContaining('expected one --release at most')]);
  });
});
