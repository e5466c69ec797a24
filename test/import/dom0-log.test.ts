// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConsoleFact, importConsole } from '../../engine/import/console.ts';
import { type Dom0Log, importDom0Log, withDom0Log } from '../../engine/import/dom0-log.ts';
import { recognise } from '../../engine/import/sources.ts';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { cases } from '../property/parameters.ts';
import { readData } from './read-data.ts';

const factsOf = (lines: readonly string[]): readonly ConsoleFact[] => {
  const facts = importConsole(lines.join('\n'));
  if (!facts.ok) throw new Error(JSON.stringify(facts.problems));
  return facts.value;
};

const logOf = (text: string): Dom0Log => {
  const log = importDom0Log(text);
  if (!log.ok) throw new Error(JSON.stringify(log.problems));
  return log.value;
};

const withoutLine = (facts: readonly ConsoleFact[]): object[] => facts.map(({ line, ...fact }) => fact);

const BOOT = '[    0.000000] Linux version 6.12.0';
const found = (device: string): string =>
  `[   60.763674] pci ${device}: [8086:10ca] type 00 class 0x020000 PCIe Endpoint`;
const refused = (device: string, what: 'add' | 'delete'): string =>
  `[   60.858926] pci ${device}: Failed to ${what} - passthrough or MSI/MSI-X might fail!`;

/** Life of a device, as Xen and dom0 speak of it on one console. */
const LIVES = {
  'added, removed': (device: string) => [
    [found(device), `(XEN) PCI add device ${device}`],
    [`(XEN) PCI remove device ${device}`],
  ],
  'added, not removed': (device: string) => [
    [found(device), `(XEN) PCI add device ${device}`],
    [`(XEN) PCI remove device ${device}`, refused(device, 'delete')],
  ],
  'added, busy': (device: string) => [
    [found(device), `(XEN) PCI add device ${device}`],
    [`(XEN) Attempted to remove PCI SR-IOV PF ${device} with VFs still present`, refused(device, 'delete')],
  ],
  'not added, not removed': (device: string) => [
    [
      found(device),
      `(XEN) DEVICE BUG: ${device}: MSI-X vector table at invalid BAR3 with type 0`,
      '(XEN) Setup of vPCI failed: -19',
      refused(device, 'add'),
    ],
    [`(XEN) PCI remove device ${device}`, refused(device, 'delete')],
  ],
} as const;
const KINDS = Object.keys(LIVES) as (keyof typeof LIVES)[];

/** Two devices, each with lives one after the other, in any order. */
const anyConsole = fc
  .tuple(
    fc.array(fc.constantFrom(...KINDS), { maxLength: 4 }),
    fc.array(fc.constantFrom(...KINDS), { maxLength: 4 }),
    fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
  )
  .map(([first, second, order]) => {
    const [a, b] = [
      first.flatMap((kind) => LIVES[kind]('0000:02:10.0')),
      second.flatMap((kind) => LIVES[kind]('0000:03:00.0')),
    ];
    const steps: (readonly string[])[] = [];
    for (const isFirst of order) steps.push((isFirst ? a.shift() : b.shift()) ?? []);
    return [...steps, ...a, ...b].flat();
  });

test('what dom0 says in a log of its own comes where it is on a console that both write to', () => {
  fc.assert(
    fc.property(anyConsole, (said) => {
      const lines = [BOOT, '(XEN) Xen version 4.20.1', ...said];
      const byXen = lines.filter((line) => line.startsWith('(XEN)'));
      const byDom0 = lines.filter((line) => !line.startsWith('(XEN)'));
      const merged = withDom0Log(factsOf(byXen), logOf(byDom0.join('\n')));
      expect(withoutLine(merged)).toEqual(withoutLine(factsOf(lines)));
    }),
    cases(300),
  );
});

test('a refusal of which Xen says nothing comes behind the last hypercall of which both speak', () => {
  const [one, other] = ['0000:02:10.0', '0000:03:00.0'];
  const facts = factsOf([`(XEN) PCI add device ${one}`, `(XEN) PCI remove device ${one}`]);
  const log = logOf([found(one), found(other), refused(other, 'add')].join('\n'));
  expect(withDom0Log(facts, log).map(({ kind }) => kind)).toEqual(['add', 'dom0-refused', 'remove']);
});

test('a log that begins after the boot does not tell which removals went well', () => {
  const whole = logOf([BOOT, refused('0000:02:10.0', 'delete')].join('\n'));
  const late = logOf(refused('0000:02:10.0', 'delete'));
  const facts = factsOf(['(XEN) PCI remove device 0000:02:10.0']);
  expect(withDom0Log(facts, whole).map(({ kind }) => kind)).toEqual(['dom0-log', 'remove', 'dom0-refused']);
  expect(withDom0Log(facts, late).map(({ kind }) => kind)).toEqual(['remove', 'dom0-refused']);
});

describe('a cut of a recorded log', () => {
  const text = readData('dom0-dmesg.txt');

  test('is known by its form', () => {
    expect(recognise(Buffer.from(text))?.kind).toBe('dom0-log');
    expect(recognise(Buffer.from(readData('console.txt')))?.kind).toBe('console');
  });

  test('says what was found and what Xen refused', () => {
    const { fromBoot, facts } = logOf(text);
    expect(fromBoot).toBe(true);
    expect(facts.filter(({ kind }) => kind === 'found')).toHaveLength(10);
    expect(facts.filter(({ kind }) => kind === 'dom0-refused')).toHaveLength(11);
    expect(facts.at(-3)).toEqual({ line: 20, kind: 'dom0-refused', sbdf: parseSbdf('03:00.0'), what: 'remove' });
  });

  test('with levels and callers before each line too', () => {
    const decorated = text.replace(/^\[([^\]]+)\]/gm, '<6>[$1][    T1]');
    expect(recognise(Buffer.from(decorated))?.kind).toBe('dom0-log');
    expect(logOf(decorated)).toEqual(logOf(text));
  });
});
