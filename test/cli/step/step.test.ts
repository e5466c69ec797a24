// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import type { Key, Terminal } from '../../../cli/io.ts';
import { runCommand } from '../run-command.ts';

const ON_ARM = 'traces/arm/bar-check.csv';
const VFS = 'traces/sriov/pf-removed-with-vfs.csv';

const NAMED: Readonly<Record<string, string>> = { '\r': 'return', ' ': 'space' };

/** `n`, `<left>`: keys as they are typed. */
const keysOf = (typed: string): readonly Key[] =>
  [...typed.matchAll(/<([a-z-]+)>|(.)/gs)].map(([, name, text = '']) =>
    name === undefined ? { name: NAMED[text] ?? text.toLowerCase(), text } : { name, text: '' },
  );

interface Stepped {
  readonly exit: number;
  readonly screens: readonly string[];
  readonly isClosed: boolean;
}

/** Types keys, one screen after each, and leaves. */
const step = async (
  typed: string,
  words: readonly string[] = [],
  columns = 80,
  rows = 24,
  trace = VFS,
): Promise<Stepped> => {
  const keys = [...keysOf(typed), { name: 'q', text: 'q' }];
  const screens: string[] = [];
  let isClosed = false;
  const terminal: Terminal = {
    size: () => ({ columns, rows }),
    show: (lines) => {
      screens.push(lines.join('\n'));
    },
    key: async () => keys.shift() ?? { name: 'closed', text: '' },
    close: () => {
      isClosed = true;
    },
  };
  const { exit } = await runCommand(['step', trace, ...words], {}, { takeTerminal: async () => terminal });
  return { exit, screens, isClosed };
};

const last = ({ screens }: Stepped): string => screens.at(-1) ?? '';

describe('step', () => {
  test('shows answer, rules and the state, with what changed marked', async () => {
    const { exit, screens, isClosed } = await step('', ['--at', '4', '-r', 'xen-4.20']);
    expect([exit, isClosed, screens.length]).toEqual([0, true, 1]);
    expect(screens[0]).toMatch(/^pf-removed-with-vfs\.csv on xen-4\.20 .* event 4, 4 of 9\n-{80}\n/);
    expect(screens[0]).toMatch(/\n> 4 physdev\.pci_device_remove d0 0000:03:00…\| /);
    expect(screens[0]).toMatch(/\nanswered: -EBUSY +\|.*\nremove\.pf-has-vfs: 0000:03:00\.0 +\|/);
    expect(screens[0]).toMatch(/\| *0000:03:00\.0 owner d0 *\n.*\| \* {2}broken *\n/);
  });

  test.each([
    [80, 24],
    [60, 16],
    [200, 50],
  ])('fills %i columns and %i lines, and no more', async (columns, rows) => {
    const { screens } = await step('nnnnnnnn', [], columns, rows);
    for (const screen of screens) {
      const lines = screen.split('\n');
      expect(lines).toHaveLength(rows);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  test('says that a terminal is too small', async () => {
    expect(last(await step('', [], 40, 10))).toBe('at least 60 by 16, please');
  });

  test('goes on and back, and shows the same again', async () => {
    const { screens } = await step('nnb<left>');
    expect(screens[3]).toBe(screens[1]);
    expect(screens[4]).toBe(screens[0]);
  });

  test('stays at the first and the last event, and says so', async () => {
    expect(last(await step('b'))).toContain('this is the first event');
    expect(last(await step('<end>n'))).toContain('this is the last event');
  });

  test.each([
    ['g7\r', 'event 7, 7 of 9'],
    ['g77\r', "there is no event '77'"],
    ['/-EBUSY\r', 'event 4, 4 of 9'],
    ['/EBUSY\r', 'event 4, 4 of 9'],
    ['/0000:03:10.0\r/\r', 'event 4, 4 of 9'],
    ['<end>/03:10.0\rN', 'event 8, 8 of 9'],
    ['/0xfe002\r', 'event 4, 4 of 9'],
    ['/0x77\r', 'no event after this one touches d0 gfn 0x77'],
    ['/nic\r', "'nic': expected a device"],
    ['N', '/ finds a device, gfn or errno first'],
    ['g12', 'go to event: 12q_'],
    ['g12<backspace><escape>', 'n next  b back'],
  ])('%j leads to %s', async (typed, text) => {
    expect(last(await step(typed))).toContain(text);
  });

  test('shows the device or the domain asked for', async () => {
    const [device, domain, wrong] = [await step('d03:10.0\r'), await step('dd1\r'), await step('dnic\r')];
    expect(last(device)).toMatch(/\| *0000:03:10\.0 not known to Xen/);
    expect(last(domain)).toMatch(/\| *p2m d1 empty/);
    expect(last(wrong)).toContain("'nic': expected a device, as 03:00.0, or a domain, as d1");
  });

  test('explains its keys, and goes on where it was', async () => {
    const { screens } = await step('n? ');
    expect(screens[2]).toContain('leave');
    expect(screens[3]).toContain('event 2, 2 of 9');
  });

  test('leaves the terminal as it was when the trace makes no sense on its machine', async () => {
    const { exit, isClosed } = await step('<end>', ['--machine', 'traces/machines/msi.yaml'], 80, 24, ON_ARM);
    expect([exit, isClosed]).toEqual([2, true]);
  });

  test('without a terminal says what does it instead', async () => {
    const { exit, notes } = await runCommand(['step', VFS]);
    expect([exit, notes]).toEqual([2, expect.stringContaining('hvreplay replay --until N')]);
  });
});
