// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { importLspci, type LspciImport } from '../../engine/import/lspci.ts';
import type { PlainDevice } from '../../engine/machine/plain.ts';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { readData } from './read-data.ts';

const imported = (text: string, resources = ''): LspciImport => {
  const result = importLspci(text, resources);
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('; '));
  return result.value;
};

const deviceOf = (from: LspciImport, sbdf: string): PlainDevice => {
  const found = from.devices.find((device) => device.sbdf === parseSbdf(sbdf));
  if (found === undefined) throw new Error(`${sbdf} was not imported`);
  return found;
};

const hexRows = (bytes: readonly number[]): string =>
  Array.from({ length: bytes.length / 16 }, (_, row) => {
    const part = bytes.slice(16 * row, 16 * row + 16).map((byte) => byte.toString(16).padStart(2, '0'));
    return `${(16 * row).toString(16).padStart(2, '0')}: ${part.join(' ')}`;
  }).join('\n');

/** A dump of `size` bytes, zero but for the given dwords. */
const dump = (size: number, dwords: Readonly<Record<number, number>>): string => {
  const bytes = Array.from({ length: size }, () => 0);
  for (const [offset, value] of Object.entries(dwords))
    for (let at = 0; at < 4; at += 1) bytes[Number(offset) + at] = Math.floor(value / 256 ** at) % 256;
  return hexRows(bytes);
};

describe('a recorded machine', () => {
  const machine = imported(readData('lspci.txt'), readData('resource.txt'));

  test('every device is there, with the dump as its registers', () => {
    expect(machine.devices.map((device) => device.sbdf)).toEqual(
      ['00:04.0', '00:0b.0', '00:1f.2', '01:00.0', '02:00.0', '03:00.0', '05:01.0', '02:10.0'].map(parseSbdf),
    );
    const nic = deviceOf(machine, '01:00.0');
    expect(nic.registers.get(0x00)).toBe(0x10d38086);
    expect(nic.registers.get(0x10)).toBe(0xfe840000);
    expect(nic.registers.has(0x20)).toBe(false);
  });

  test('BARs are as large as the kernel found them', () => {
    const nic = deviceOf(machine, '01:00.0');
    expect(nic.writable.get(0x10)).toBe(0xfffe0000);
    expect(nic.writable.get(0x18)).toBe(0xffffffe0);
    expect(nic.writable.get(0x1c)).toBe(0xffffc000);
    expect(nic.writable.has(0x20)).toBe(false);
    expect(nic.writable.get(0x30)).toBe(0xfffc0001);
  });

  test('a 64-bit BAR takes two dwords', () => {
    const virtio = deviceOf(machine, '00:0b.0');
    expect(virtio.writable.get(0x20)).toBe(0xffffc000);
    expect(virtio.writable.get(0x24)).toBe(0xffffffff);
  });

  test('VF BAR sizes are the sysfs resource divided by the number of VFs', () => {
    const pf = deviceOf(machine, '02:00.0');
    expect(pf.sriov).toBe(0x160);
    expect(pf.writable.get(0x184)).toBe(0xffffc000);
    expect(pf.writable.get(0x188)).toBe(0xffffffff);
    expect(pf.writable.get(0x190)).toBe(0xffffc000);
    expect(pf.writable.has(0x18c)).toBe(false);
    expect(pf.writable.get(0x168)).toBe(0x19);
    expect(pf.writable.get(0x170)).toBe(0xffff);
  });

  test('a VF is tied to its PF and has no BARs of its own', () => {
    const vf = deviceOf(machine, '02:10.0');
    expect(vf.presentWith).toBe(parseSbdf('02:00.0'));
    expect(vf.writable.has(0x10)).toBe(false);
    expect(vf.writable.get(0x04)).toBe(0x0004);
    expect(deviceOf(machine, '02:00.0').presentWith).toBeUndefined();
  });

  test('a root port has bridge, slot and root registers', () => {
    const port = deviceOf(machine, '00:04.0');
    expect(port.writable.get(0x18)).toBe(0x00ffffff);
    expect(port.writable.get(0x20)).toBe(0xfff0fff0);
    expect(port.writable.get(0x3c)).toBe(0x005f00ff);
    expect(port.writeOneToClear.get(0x1c)).toBe(0xf9000000);
    expect(port.writable.get(0x6c)).toBe(0x1fff);
    expect(port.writeOneToClear.get(0x6c)).toBe(0x011f0000);
    expect(port.writable.get(0x12c)).toBe(0x7);
    expect(port.writable.get(0x14c)).toBe(0x005f0000);
  });

  test('MSI and MSI-X control are writable, errors are cleared by writing 1', () => {
    const nic = deviceOf(machine, '01:00.0');
    expect(nic.writable.get(0xd0)).toBe(0x00710000);
    expect(nic.writable.get(0xd8)).toBe(0xffffffff);
    expect(nic.writable.get(0xdc)).toBe(0xffff);
    expect(nic.writable.get(0xa0)).toBe(0xc0000000);
    expect(nic.writable.get(0xcc)).toBe(0x1e03);
    expect(nic.writeOneToClear.has(0xcc)).toBe(false);
    expect(nic.writeOneToClear.get(0x04)).toBe(0xf9000000);
    expect(nic.writeOneToClear.get(0xe8)).toBe(0x000f0000);
    expect(nic.writeOneToClear.get(0x104)).toBe(0x03fff030);
  });

  test('a 256-byte dump means no extended space', () => {
    expect(deviceOf(machine, '05:01.0').extended).toBe(false);
    expect(deviceOf(machine, '01:00.0').extended).toBe(true);
  });

  test('the notes name the BAR whose size the kernel could not know, and vendor capabilities', () => {
    const notes = machine.notes.map((note) => note.message);
    expect(notes).toContain('0000:05:01.0 BAR 0: the kernel says 0x4000, the register 0xc000; check the size');
    expect(notes.filter((note) => note.startsWith('0000:00:0b.0 capability 0x9'))).toHaveLength(5);
    expect(notes).toHaveLength(6);
  });

  test('without sysfs the VF BARs are guessed, and said to be', () => {
    const alone = imported(readData('lspci.txt'));
    expect(deviceOf(alone, '02:00.0').writable.get(0x184)).toBe(0xfffff000);
    expect(alone.notes.map((note) => note.message)).toContain('0000:02:00.0 VF BAR 0: size unknown, taken as 4096');
  });
});

describe('made-up devices', () => {
  test('a mask-capable MSI has one mask bit per vector', () => {
    const text = `00:01.0 x: y\n${dump(256, { 0: 0x12348086, 4: 0x00100000, 52: 0x50, 80: 0x01060005 })}\n`;
    const device = deviceOf(imported(text), '00:01.0');
    expect(device.writable.get(0x58)).toBe(0xffff);
    expect(device.writable.get(0x5c)).toBe(0xff);
  });

  test('PME can be enabled and its status cleared where some power state supports it', () => {
    const text = `00:01.0 x: y\n${dump(256, { 0: 0x12348086, 4: 0x00100000, 52: 0x40, 64: 0xc8030001 })}\n`;
    const device = deviceOf(imported(text), '00:01.0');
    expect(device.writable.get(0x44)).toBe(0x1f03);
    expect(device.writeOneToClear.get(0x44)).toBe(0x8000);
  });

  test('a capability list that loops ends', () => {
    const text = `00:01.0 x: y\n${dump(256, { 0: 0x12348086, 4: 0x00100000, 52: 0x40, 64: 0x00004001 })}\n`;
    expect(deviceOf(imported(text), '00:01.0').writable.get(0x44)).toBe(0x1e03);
  });

  test('a resizable BAR is tied to its control register', () => {
    const text = `00:01.0 x: y
\tRegion 0: Memory at 4000000000 (64-bit, prefetchable) [size=1M]
${dump(4096, { 0: 0x12348086, 16: 0x0000000c, 20: 0x40, 256: 0x00010015, 260: 0x3f0, 264: 0x20 })}\n`;
    const device = deviceOf(imported(text), '00:01.0');
    expect(device.resizable).toEqual([{ control: 0x108, bar: 0 }]);
    expect(device.writable.get(0x108)).toBe(0x3f00);
    expect(device.writable.get(0x10)).toBe(0xfff00000);
  });

  test('a BAR of more than 4 GiB is sized in the high dword alone', () => {
    const text = `00:01.0 x: y
\tRegion 0: Memory at 4000000000 (64-bit, prefetchable) [size=8G]
${dump(256, { 0: 0x12348086, 16: 0x0000000c, 20: 0x40 })}\n`;
    const device = deviceOf(imported(text), '00:01.0');
    expect(device.writable.has(0x10)).toBe(false);
    expect(device.writable.get(0x14)).toBe(0xfffffffe);
  });

  test('extended space that repeats the header is aliased', () => {
    const base = { 0: 0x12348086, 8: 0x06000000 };
    const twice = { ...base, 256: 0x12348086, 264: 0x06000000 };
    const device = deviceOf(imported(`0001:00:01.0 x: y\n${dump(4096, twice)}\n`), '0001:00:01.0');
    expect(device.aliased).toBe(true);
    expect(device.extended).toBe(false);
    expect(device.registers.has(0x100)).toBe(false);
  });

  test('a BAR without a size gets a page, and a note says so', () => {
    const { devices, notes } = imported(`00:01.0 x: y\n${dump(64, { 0: 0x12348086, 16: 0xfe000000 })}\n`);
    expect(devices[0]?.writable.get(0x10)).toBe(0xfffff000);
    expect(notes.map((note) => note.message)).toEqual([
      '0000:00:01.0 BAR 0: size unknown, taken as 4096',
      '0000:00:01.0 capabilities unknown: take the text with lspci -vvvxxxx',
    ]);
  });

  test('a size that is no power of two is rounded up', () => {
    const text = `00:01.0 x: y\n\tRegion 0: Memory at fe000000 [size=3K]\n${dump(256, { 0: 1, 16: 0xfe000000 })}\n`;
    const { devices, notes } = imported(text);
    expect(devices[0]?.writable.get(0x10)).toBe(0xfffff000);
    expect(notes[0]?.message).toContain('no power of two');
  });
});

describe('bad input', () => {
  const problemsOf = (text: string, resources = ''): readonly string[] => {
    const result = importLspci(text, resources);
    return result.ok ? [] : result.problems.map((problem) => `${problem.line}: ${problem.message}`);
  };

  test('a text without devices is refused', () => {
    expect(problemsOf('')).toEqual(['undefined: no device: expected the output of lspci -vvvxxxx']);
    expect(problemsOf('hello\n')).toHaveLength(1);
  });

  test('a device without hex dump is refused, with its line', () => {
    expect(problemsOf('00:01.0 x: y\n\tControl: I/O+\n')).toEqual([
      '1: 0000:00:01.0 has no hex dump; take the text with lspci -vvvxxxx',
    ]);
  });

  test('a gap in the dump, a short row and a second copy are each named', () => {
    const row = '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00';
    expect(problemsOf(`00:01.0 x\n00: ${row}\n20: ${row}\n`)).toEqual([
      '3: hex row 20 of 0000:00:01.0 where row 10 was expected',
    ]);
    expect(problemsOf(`00:01.0 x\n00: ${row}\n10: 00 01\n`)).toEqual([
      '3: a hex row needs 16 bytes of two digits each',
    ]);
    expect(problemsOf(`00:01.0 x\n00: ${row}\n\n00:01.0 x\n00: ${row}\n`)).toEqual([
      '4: 0000:00:01.0 appears a second time',
    ]);
  });

  test('a 32-bit segment cannot be modelled', () => {
    expect(problemsOf('10000:00:01.0 x: y\n')[0]).toMatch(/^1: 10000:00:01\.0 is no SBDF/);
  });

  test('a resource text that is none is refused with its lines', () => {
    const lspci = `00:01.0 x: y\n${dump(64, {})}\n`;
    expect(problemsOf(lspci, '0x0 0x0 0x0\n')).toEqual(['1: a row before any device: expected "== SBDF" first']);
    expect(problemsOf(lspci, '== 0000:00:01.0\nabc\n')).toEqual([
      '2: expected three numbers: first address, last address, flags',
    ]);
    expect(problemsOf(lspci, '== 0000:00:01.0\n0x2 0x1 0x200\n')).toEqual(['2: the last address is below the first']);
  });
});

describe('forms of the sysfs text', () => {
  const lspci = `00:01.0 x: y\n${dump(256, { 0: 1, 16: 0xfe000000 })}\n`;
  const row = '0x00000000fe000000 0x00000000fe00ffff 0x0000000000040200';

  test.each([
    ['headings', `== 0000:00:01.0\n${row}\n`],
    ['tail', `==> /sys/bus/pci/devices/0000:00:01.0/resource <==\n${row}\n\n`],
    ['grep', `/sys/bus/pci/devices/0000:00:01.0/resource:${row}\n`],
  ])('%s', (_, resources) => {
    expect(imported(lspci, resources).devices[0]?.writable.get(0x10)).toBe(0xffff0000);
  });
});
