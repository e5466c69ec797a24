// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { importMmiotrace } from '../../engine/import/mmiotrace.ts';
import { importQemuLog } from '../../engine/import/qemu-log.ts';
import { importSteps } from '../../engine/import/steps.ts';
import { importVpciLog } from '../../engine/import/vpci-log.ts';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import type { Parsed } from '../../engine/trace/problem.ts';

const parsedValue = <T>(parsed: Parsed<T>): T => {
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.value;
};

const problemsOf = (parsed: Parsed<unknown>): readonly string[] =>
  parsed.ok ? [] : parsed.problems.map(({ line, message }) => `${line}: ${message}`);

describe('a log of vPCI accesses', () => {
  test('gives accesses, ranges, hypercalls and what was passed on, in its order', () => {
    const { events, passedOn, broken } = parsedValue(
      importVpciLog(
        [
          '(XEN) @B modify_bars 0000:00:04.0 cmd 0103 rom_only 0',
          '(XEN) @M d0 map gfn fea40-fea41 mfn fea40 rc 0',
          '(XEN) @H R 0000:00:04.0 000/4 000c1b36',
          '(XEN) @V 29522520722 d0v1 P R 0000:00:04.0 000/4 000c1b36',
          '(XEN) @D pci_mmcfg_reserved addr b0000000 seg 0 bus 0-ff flags 1',
          '(XEN) @P d0v0 physdev_op 24 -> 0',
          '(XEN) @D pci_device_add 0000:03:00.1 flags 2 physfn 03:00.0 node 255 -> -19',
          '(XEN) @X W gpa fea40004/4 21',
          '(XEN) @X R gpa fea4000c/4',
        ].join('\n'),
      ),
    );
    expect(broken).toEqual([]);
    expect(passedOn).toMatchObject([{ sbdf: parseSbdf('00:04.0'), reg: 0, value: 0xc1b36 }]);
    expect(events).toMatchObject([
      { kind: 'mapped', isMap: true, gfn: 0xfea40, count: 2, mfn: 0xfea40, ret: 0 },
      { kind: 'config', path: 'ports', time: 29522520722n, vcpu: 1, reg: 0, size: 4, value: 0xc1b36n },
      { op: 'physdev.pci_mmcfg_reserved', args: { address: 0xb0000000n, endBus: 255 }, ret: 0 },
      { op: 'physdev.pci_device_add', args: { flags: 2, physfn: parseSbdf('03:00.0') }, ret: -19 },
      { kind: 'memory', write: true, gpa: 0xfea40004n, value: 0x21n, via: 'msix' },
      { kind: 'memory', write: false, value: undefined },
    ]);
  });

  test('passes over what is between its lines, and counts lines that are cut', () => {
    const { events, broken } = parsedValue(
      importVpciLog('hello\n[ 1.2] x (XEN) @V 1 d0v0 E W 0000:00:04.0 004/2 00000103\n(XEN) @V 2 d0v0 E W 0000:0\n'),
    );
    expect(events).toHaveLength(1);
    expect(broken).toMatchObject([{ line: 3 }]);
  });

  test.each([
    [
      'a result that is no errno',
      '@D pci_mmcfg_reserved addr b0000000 seg 0 bus 0-ff flags 1\n(XEN) @P d0v0 physdev_op 24 -> 65536',
    ],
    ['a result with a leading zero', '@P d0v0 physdev_op 24 -> 01'],
    ['eight bytes through ports', '@V 1 d0v0 P R 0000:00:03.0 000/8 ffffffff'],
  ])('%s is garbled', (_what, lines) => {
    const { events, broken } = parsedValue(importVpciLog(`(XEN) ${lines}\n`));
    expect([events.length, broken.length]).toEqual([0, 1]);
  });

  test('of two runs, one behind the other, is refused where the second one begins', () => {
    const at = (ns: number): string => `(XEN) @V ${ns} d0v0 P W 0000:00:04.0 10/4 0\n`;
    const run = at(5e9) + at(9e9);
    expect(parsedValue(importVpciLog(run + at(9e9 - 1e9))).events).toHaveLength(3);
    expect(problemsOf(importVpciLog(run + run))).toEqual([expect.stringMatching(/^3: time runs back: another run /)]);
  });

  test('without a line of its own is refused', () => {
    expect(problemsOf(importVpciLog('(XEN) hello\n'))).toEqual([
      'undefined: no line of a vPCI log: expected "(XEN) @V …"',
    ]);
  });
});

describe("QEMU's trace", () => {
  const line = (event: string): string => `1511@1795171758.365889:${event}\n`;

  test('gives accesses and the sizes of BARs', () => {
    const { accesses, barSizes, others } = parsedValue(
      importQemuLog(
        line('pci_cfg_read mch 00:00.0 @0x90 -> 0x33') +
          line('pci_cfg_write e1000e 01:00.0 @0x4 <- 0x103') +
          line('pci_update_mappings_add e1000e 01:00.0 3,0xfe880000+0x4000') +
          line('sriov_register_vfs igb 02:00.0: creating 2 vf devs'),
      ),
    );
    expect(accesses).toMatchObject([
      { write: false, sbdf: parseSbdf('00:00.0'), reg: 0x90, value: 0x33, time: 1795171758365889000n },
      { write: true, sbdf: parseSbdf('01:00.0'), reg: 4, value: 0x103 },
    ]);
    expect(barSizes.get(parseSbdf('01:00.0') ?? (0 as never))).toEqual(new Map([[3, 0x4000]]));
    expect(others).toBe(1);
  });

  test('keeps lines that are garbled as remarks', () => {
    const { accesses, broken } = parsedValue(
      importQemuLog(`${line('pci_cfg_read mch 00:00.0 @0x90 -> 0x33')}noise\n${line('pci_cfg_read mch 00:00.')}`),
    );
    expect(accesses).toHaveLength(1);
    expect(broken.map((one) => one.line)).toEqual([3, 2]);
  });

  test('that ends in the middle of a line is refused', () => {
    const whole = line('pci_cfg_read mch 00:00.0 @0x90 -> 0x33');
    expect(problemsOf(importQemuLog(`${whole}${whole.slice(0, -3)}`))).toEqual([
      '2: ends in the middle of a line: the file is truncated',
    ]);
    expect(problemsOf(importSteps('### step 1 t=1.0 : ls\n### step 2 t=2.0 : echo '))).toEqual([
      '2: ends in the middle of a line: the file is truncated',
    ]);
  });

  test('without config accesses is refused', () => {
    expect(problemsOf(importQemuLog(line('e1000e_irq x')))[0]).toMatch(/no pci_cfg_read and no pci_cfg_write/);
  });
});

test.each([
  ['@V 1 d9007199254740993v0 P W 0000:00:04.0 10/4 0', 'a domain that there cannot be'],
  ['@V 18446744073709551616 d0v0 P W 0000:00:04.0 10/4 0', 'a time beyond 64 bits'],
  ['@V 1 d0v0 P W 0000:00:04.0 10/4 51b18446744073709551616', 'a value beyond 64 bits'],
  ['@V 1 d0v0 P W 0000:00:04.0 10/3 0', 'an access of three bytes'],
  ['@M d0 map gfn fea41-fea41 mfn fea40 rc -0', 'a result of minus nothing'],
  ['@M d0 map gfn fea41-fea40 mfn fea40 rc 0', 'a range that ends before it begins'],
])('of the vPCI log, %s is lost: %s', (said) => {
  const { events, broken } = parsedValue(importVpciLog(`(XEN) @V 1 d0v0 P W 0000:00:04.0 10/4 0\n(XEN) ${said}\n`));
  expect(events).toHaveLength(1);
  expect(broken).toMatchObject([{ line: 2, message: expect.stringContaining('cut or garbled') }]);
});

test('numbers that are too long are told with their line by the other logs', () => {
  const digits = '9'.repeat(30);
  expect(problemsOf(importMmiotrace(`VERSION 20070824\nR 4 1.000002 1 0x${digits} 0x0 0x0 0\n`))[0]).toMatch(/^2: /);
  const log = `1@1.000000:pci_cfg_read e 00:03.0 @0x0 -> 0x8086\n1@1.000000:pci_cfg_read e 00:03.0 @0x0 -> 0x${digits}\n`;
  expect(parsedValue(importQemuLog(log)).broken).toMatchObject([{ line: 2 }]);
});

describe('mmiotrace', () => {
  test('gives accesses of drivers, and counts what was lost', () => {
    const { events, lost, notes } = parsedValue(
      importMmiotrace(
        'VERSION 20070824\nMAP 1.000001 1 0xfe880000 0xffff0000 0x4000 0x0 0\n' +
          'W 4 1.000002 1 0xfe880008 0x41 0x0 0\nR 2 1.000003 1 0xfe88000c 0x1 0x0 0\n' +
          'UNKNOWN 1.000004 1 0xfe880010 0x0 0x0 0\nMARK 1.000005 mmiotrace has lost 12 events.\n',
      ),
    );
    expect(events).toMatchObject([
      { write: true, gpa: 0xfe880008n, size: 4, value: 0x41n, time: 1_000_002_000n },
      { write: false, gpa: 0xfe88000cn, size: 2, value: 1n },
    ]);
    expect([lost, notes.length]).toEqual([12, 1]);
  });

  test('names a line that is cut', () => {
    expect(problemsOf(importMmiotrace('VERSION 20070824\nW 4 1.000002 1 0xfe8800'))[0]).toMatch(/^2: expected "R\|W/);
    expect(problemsOf(importMmiotrace('VERSION 20070824\n'))[0]).toMatch(/no access/);
  });
});

test('a log of steps gives the accesses of devmem with what it printed', () => {
  const { steps, accesses } = parsedValue(
    importSteps(
      '### step 1 t=1.00 : setpci -s 00:04.0 COMMAND\n    0103\n    rc=0\n' +
        '### step 2 t=2.00 : devmem 0xb0100000 16\n    0x8086\n    rc=0\n' +
        '### step 3 t=3.00 : devmem 0xb0100010 32 0xffffffff\n    rc=0\n### step 4 t=4.00 : devmem 0xfe880000\n',
    ),
  );
  expect(steps.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  expect(accesses).toMatchObject([
    { write: false, address: 0xb0100000n, size: 2, value: 0x8086n },
    { write: true, address: 0xb0100010n, size: 4, value: 0xffffffffn },
    { write: false, size: 4, value: undefined },
  ]);
});
