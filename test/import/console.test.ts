// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { type ConsoleFact, importConsole } from '../../engine/import/console.ts';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { readData } from './read-data.ts';

const factsOf = (text: string): readonly ConsoleFact[] => {
  const result = importConsole(text);
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('; '));
  return result.value;
};

const withoutLine = (facts: readonly ConsoleFact[]): object[] => facts.map(({ line, ...fact }) => fact);

const only = <K extends ConsoleFact['kind']>(facts: readonly ConsoleFact[], kind: K): object[] =>
  withoutLine(facts.filter((fact) => fact.kind === kind));

describe('a recorded boot', () => {
  const text = readData('console.txt');
  const facts = factsOf(text);

  test('the release, its build and the command line', () => {
    expect(facts[0]).toEqual({ line: 1, kind: 'version', release: '4.20.4-pre', debug: false });
    expect(only(facts, 'command-line')[0]).toMatchObject({ text: expect.stringContaining('com1=115200,8n1,pci') });
  });

  test('the memory map of the host is told apart from that of dom0', () => {
    const maps = facts.filter((fact) => fact.kind === 'memory');
    expect(maps.filter((fact) => fact.of === 'host')).toHaveLength(10);
    expect(maps.filter((fact) => fact.of === 'dom0')).toHaveLength(12);
    expect(maps[5]).toMatchObject({ first: 0xb0000000n, last: 0xbfffffffn, type: 'reserved' });
  });

  test('the ECAM window and the pages that Xen keeps', () => {
    expect(only(facts, 'ecam')).toEqual([{ kind: 'ecam', base: 0xb0000000n, segment: 0, firstBus: 0, lastBus: 255 }]);
    expect(only(facts, 'iommu')).toEqual([{ kind: 'iommu', address: 0xfed90000n }]);
    expect(only(facts, 'local-apic')).toEqual([{ kind: 'local-apic', address: 0xfee00000n }]);
    expect(only(facts, 'io-apic')).toEqual([{ kind: 'io-apic', address: 0xfec00000n }]);
    expect(only(facts, 'iomem-rights')[0]).toMatchObject({ domain: 'd0' });
    expect(facts.filter((fact) => fact.kind === 'iomem-rights')[0]?.ranges[2]).toEqual({
      firstMfn: 0xfec01n,
      lastMfn: 0xfed8fn,
    });
  });

  test('devices come and go, and who owns them', () => {
    expect(only(facts, 'add')[1]).toEqual({ kind: 'add', sbdf: parseSbdf('00:04.0'), as: 'device' });
    expect(only(facts, 'remove')[0]).toEqual({ kind: 'remove', sbdf: parseSbdf('02:10.0') });
    expect(only(facts, 'pf-with-vfs')).toHaveLength(2);
    expect(only(facts, 'owner')[0]).toEqual({ kind: 'owner', sbdf: parseSbdf('05:01.0'), owner: 'd[XEN]' });
    expect(only(facts, 'iommu-map')[0]).toEqual({ kind: 'iommu-map', domain: 'd0', sbdf: parseSbdf('00:0a.0') });
  });

  test('what went wrong', () => {
    expect(only(facts, 'vpci-failed')[0]).toEqual({ kind: 'vpci-failed', result: -19 });
    expect(only(facts, 'device-bug')[0]).toEqual({
      kind: 'device-bug',
      sbdf: parseSbdf('02:10.0'),
      text: 'MSI-X vector table at invalid BAR3 with type 0',
    });
    expect(only(facts, 'bar-write-ignored').slice(2, 4)).toEqual([
      { kind: 'bar-write-ignored', sbdf: parseSbdf('01:00.0'), bar: 0 },
      { kind: 'bar-write-ignored', sbdf: parseSbdf('01:00.0'), bar: undefined },
    ]);
    expect(only(facts, 'mmio-denied')[0]).toEqual({
      kind: 'mmio-denied',
      domain: 'd0',
      firstMfn: 0xfec00n,
      lastMfn: 0xfec00n,
    });
    expect(only(facts, 'msix-access-refused')).toHaveLength(4);
  });

  test('line numbers are those of the text', () => {
    const lines = text.split('\n');
    for (const fact of facts.filter((one) => one.kind === 'remove'))
      expect(lines[fact.line - 1]).toContain('PCI remove');
  });
});

describe('other forms', () => {
  test('a serial line: carriage returns, time stamps, text in front', () => {
    expect(withoutLine(factsOf('(XEN) [    1.234567] PCI add virtual function 0000:03:10.0\r\r\n'))).toEqual([
      { kind: 'add', sbdf: parseSbdf('03:10.0'), as: 'virtual function' },
    ]);
    expect(withoutLine(factsOf('login: (XEN) [2026-01-02 03:04:05] PCI remove device 0000:03:10.0\n'))).toEqual([
      { kind: 'remove', sbdf: parseSbdf('03:10.0') },
    ]);
  });

  test('a range outside a memory map is no memory', () => {
    expect(factsOf('(XEN) hello\n(XEN)  [0000000000001000, 0000000000001fff] (usable)\n')).toEqual([]);
  });

  test('a failure that nobody modelled is kept as text', () => {
    expect(withoutLine(factsOf('(XEN) d0v0: something failed: -12\n'))).toEqual([
      { kind: 'other', text: 'd0v0: something failed: -12' },
    ]);
  });

  test("dom0's own messages are not Xen's", () => {
    expect(factsOf('(XEN) x\n[    1.0] pci 0000:03:10.0: failed\n')).toEqual([]);
  });

  test('a text without Xen lines is refused', () => {
    expect(importConsole('Linux version 6.12\n')).toEqual({
      ok: false,
      problems: [
        { line: undefined, column: undefined, message: 'no line with (XEN): expected the output of xl dmesg' },
      ],
    });
  });
});
