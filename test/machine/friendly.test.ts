// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { type LoadedMachine, parseMachine } from '../../engine/machine/load.ts';
import { parseSbdf } from '../../engine/num/sbdf.ts';

const load = (devices: string): LoadedMachine => {
  const result = parseMachine(`machine: 1\narch: x86\ndevices:\n${devices}`);
  if (!result.ok) throw new Error(result.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return result.value;
};

const problems = (devices: string): string[] => {
  const result = parseMachine(`machine: 1\narch: x86\ndevices:\n${devices}`);
  return result.ok ? [] : result.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
};

const EXPRESS = '0x098: 0x00007fff, 0x0a0: 0x00000fff';

describe('a friendly description is laid out as the specifications say', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'BARs of every kind, ROM, PM, MSI and MSI-X',
      `  "0000:00:03.0":
    id: 8086:1001
    command: 0x6
    bars:
      0: { kind: mem32, address: 0xfe000000, size: 0x4000 }
      1: { kind: io, address: 0xc000, size: 0x20 }
      2: { kind: mem64, address: 0x4000000000, size: 0x10000, prefetchable: true }
    rom: { address: 0xfea00000, size: 0x10000, enabled: true }
    capabilities:
      - { id: pcie, offset: 0x90, type: endpoint }
      - { id: pm, offset: 0x40 }
      - { id: msi, offset: 0x50, address64: true, maskable: true, vectors: 4 }
      - { id: msix, offset: 0x70, entries: 4, table: { bar: 0, offset: 0 }, pba: { bar: 0, offset: 0x800 } }
`,
      `  "0000:00:03.0":
    registers: { 0x000: 0x10018086, 0x004: 0x00100006, 0x008: 0x02000001, 0x010: 0xfe000000, 0x014: 0x0000c001, 0x018: 0x0000000c, 0x01c: 0x00000040, 0x02c: 0x00011af4, 0x030: 0xfea00001, 0x034: 0x00000090, 0x03c: 0x00000100, 0x040: 0x00035001, 0x050: 0x01847005, 0x070: 0x00030011, 0x078: 0x00000800, 0x090: 0x00024010 }
    writable: { 0x004: 0x00000547, 0x00c: 0x0000ffff, 0x010: 0xffffc000, 0x014: 0xffffffe0, 0x018: 0xffff0000, 0x01c: 0xffffffff, 0x030: 0xffff0001, 0x03c: 0x000000ff, 0x044: 0x00000003, 0x050: 0x00710000, 0x054: 0xfffffffc, 0x058: 0xffffffff, 0x05c: 0x0000ffff, 0x060: 0x0000000f, 0x070: 0xc0000000, ${EXPRESS} }
    writeOneToClear: { 0x004: 0xf9000000, 0x098: 0x000f0000 }
    extended: true
`,
    ],
    [
      'an SR-IOV physical function, the list linked on from 0x100',
      `  "0000:03:00.1":
    id: 8086:10c9
    command: 2
    bars: { 0: { kind: mem32, address: 0xfe020000, size: 0x20000 } }
    capabilities:
      - { id: pcie, offset: 0x90, type: endpoint }
      - id: sriov
        offset: 0x160
        totalVfs: 8
        firstVfOffset: 0x80
        vfStride: 2
        vfDevice: 0x10ca
        bars:
          0: { kind: mem64, address: 0x4000000000, size: 0x4000 }
          3: { kind: mem64, address: 0x4000100000, size: 0x4000 }
`,
      `  "0000:03:00.1":
    registers: { 0x000: 0x10c98086, 0x004: 0x00100002, 0x008: 0x02000001, 0x010: 0xfe020000, 0x02c: 0x00011af4, 0x034: 0x00000090, 0x03c: 0x00000100, 0x090: 0x00020010, 0x100: 0x16000000, 0x160: 0x00010010, 0x16c: 0x00080008, 0x174: 0x00020080, 0x178: 0x10ca0000, 0x17c: 0x00000553, 0x180: 0x00000001, 0x184: 0x00000004, 0x188: 0x00000040, 0x190: 0x00100004, 0x194: 0x00000040 }
    writable: { 0x004: 0x00000547, 0x00c: 0x0000ffff, 0x010: 0xfffe0000, 0x03c: 0x000000ff, ${EXPRESS}, 0x168: 0x0000001f, 0x170: 0x0000ffff, 0x180: 0xffffffff, 0x184: 0xffffc000, 0x188: 0xffffffff, 0x190: 0xffffc000, 0x194: 0xffffffff }
    writeOneToClear: { 0x004: 0xf9000000, 0x098: 0x000f0000 }
    extended: true
    sriov: 0x160
`,
    ],
    [
      'resizable BARs, the current size taken from the BAR',
      `  "0000:00:04.0":
    id: 8086:1002
    bars:
      0: { kind: mem64, address: 0x4010000000, size: 0x100000 }
      2: { kind: mem64, address: 0x4020000000, size: 0x200000 }
    capabilities:
      - { id: pcie, offset: 0x90, type: endpoint }
      - { id: rebar, offset: 0x100, bars: [{ bar: 0, sizes: 0xf }, { bar: 2, sizes: 0x3 }] }
`,
      `  "0000:00:04.0":
    registers: { 0x000: 0x10028086, 0x004: 0x00100000, 0x008: 0x02000001, 0x010: 0x1000000c, 0x014: 0x00000040, 0x018: 0x20000004, 0x01c: 0x00000040, 0x02c: 0x00011af4, 0x034: 0x00000090, 0x03c: 0x00000100, 0x090: 0x00020010, 0x100: 0x00010015, 0x104: 0x000000f0, 0x108: 0x00000040, 0x10c: 0x00000030, 0x110: 0x00000102 }
    writable: { 0x004: 0x00000547, 0x00c: 0x0000ffff, 0x010: 0xfff00000, 0x014: 0xffffffff, 0x018: 0xffe00000, 0x01c: 0xffffffff, 0x03c: 0x000000ff, ${EXPRESS}, 0x108: 0x00003f00, 0x110: 0x00003f00 }
    writeOneToClear: { 0x004: 0xf9000000, 0x098: 0x000f0000 }
    extended: true
    resizable: [{ control: 0x108, bar: 0 }, { control: 0x110, bar: 2 }]
`.replace('0x1000000c', '0x10000004'),
    ],
    [
      'a bridge',
      `  "0000:00:17.0":
    id: 8086:1628
    class: 0x060400
    header: 1
    multifunction: true
    command: 0x406
    buses: { primary: 0, secondary: 5, subordinate: 11 }
    bars:
      0: { kind: mem32, address: 0xfe800000, size: 0x200000 }
      1: { kind: mem32, address: 0xfea00000, size: 0x400, prefetchable: true }
    capabilities:
      - { id: pcie, offset: 0x90, type: pci-bridge }
      - { id: msi, offset: 0x50, vectors: 32 }
`,
      `  "0000:00:17.0":
    registers: { 0x000: 0x16288086, 0x004: 0x00100406, 0x008: 0x06040001, 0x00c: 0x00810000, 0x010: 0xfe800000, 0x014: 0xfea00008, 0x018: 0x000b0500, 0x020: 0x0000fff0, 0x024: 0x0001fff1, 0x034: 0x00000090, 0x03c: 0x00000100, 0x050: 0x000a0005, 0x090: 0x00725010 }
    writable: { 0x004: 0x00000547, 0x00c: 0x0000ffff, 0x010: 0xffe00000, 0x014: 0xfffffc00, 0x018: 0xffffffff, 0x01c: 0x0000f0f0, 0x020: 0xfff0fff0, 0x024: 0xfff0fff0, 0x028: 0xffffffff, 0x02c: 0xffffffff, 0x03c: 0x0fff00ff, 0x050: 0x00710000, 0x054: 0xfffffffc, 0x058: 0x0000ffff, ${EXPRESS} }
    writeOneToClear: { 0x004: 0xf9000000, 0x01c: 0xf9000000, 0x098: 0x000f0000 }
    extended: true
`,
    ],
    [
      'capabilities with free content, and PCI-X with extended space',
      `  "0000:00:03.0":
    id: 8086:1001
    capabilities:
      - { id: pcix, offset: 0x40, status: 0x40000000 }
      - { id: vendor, offset: 0x80, size: 8, data: [0xa3, 0xa4, 0xa5, 0xa6, 0xa7], writable: true }
      - { id: cap, code: 3, offset: 0xb0, size: 8, data: [8, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7] }
      - { id: ext, code: 1, offset: 0x100 }
      - { id: ext, code: 0xb, offset: 0x140, data: [0x12345678] }
`,
      `  "0000:00:03.0":
    registers: { 0x000: 0x10018086, 0x004: 0x00100000, 0x008: 0x02000001, 0x02c: 0x00011af4, 0x034: 0x00000040, 0x03c: 0x00000100, 0x040: 0x00008007, 0x044: 0x40000000, 0x080: 0xa308b009, 0x084: 0xa7a6a5a4, 0x0b0: 0xa3080003, 0x0b4: 0xa7a6a5a4, 0x100: 0x14010001, 0x140: 0x0001000b, 0x144: 0x12345678 }
    writable: { 0x004: 0x00000547, 0x00c: 0x0000ffff, 0x03c: 0x000000ff, 0x080: 0xffff0000, 0x084: 0xffffffff }
    writeOneToClear: { 0x004: 0xf9000000 }
    extended: false
`,
    ],
    [
      'a BAR above 4 GiB that is larger than 4 GiB, with registers and masks put on top',
      `  "0000:00:03.0":
    id: 8086:1001
    bars: { 0: { kind: mem64, address: "0xfffffff800000000", size: 0x400000000 } }
    registers: { 0x2c: 0x12345678, 0x40: 0 }
    writable: { 0x04: 0x0, 0x44: 0xff }
    writeOneToClear: { "0x4": 0xf8000000 }
    extended: true
    present: false
    stickyMemoryDecoding: true
    aliased: true
`,
      `  "0000:00:03.0":
    registers: { 0x000: 0x10018086, 0x008: 0x02000001, 0x010: 0x00000004, 0x014: 0xfffffff8, 0x02c: 0x12345678, 0x03c: 0x00000100 }
    writable: { 0x00c: 0x0000ffff, 0x014: 0xfffffffc, 0x03c: 0x000000ff, 0x044: 0x000000ff }
    writeOneToClear: { 0x004: 0xf8000000 }
    extended: true
    aliased: true
    present: false
    stickyMemoryDecoding: true
`,
    ],
    [
      'ACS, AER and ARI',
      `  "0000:00:03.0":
    id: 8086:1001
    status: 0
    interruptPin: 0
    revision: 0
    subsystem: 0000:0000
    capabilities:
      - { id: aer, offset: 0x100 }
      - { id: acs, offset: 0x140, supported: 0x5f }
      - { id: ari, offset: 0x150, nextFunction: 3 }
`,
      `  "0000:00:03.0":
    registers: { 0x000: 0x10018086, 0x008: 0x02000000, 0x100: 0x14020001, 0x10c: 0x00462030, 0x114: 0x0000e000, 0x118: 0x000000a0, 0x140: 0x1501000d, 0x144: 0x0000005f, 0x150: 0x0001000e, 0x154: 0x00000300 }
    writable: { 0x004: 0x00000547, 0x00c: 0x0000ffff, 0x03c: 0x000000ff, 0x108: 0x07fff030, 0x10c: 0x07fff030, 0x114: 0x0000f1c1, 0x118: 0x00000140, 0x144: 0x005f0000 }
    writeOneToClear: { 0x004: 0xf9000000, 0x104: 0x07fff030, 0x110: 0x0000f1c1 }
    extended: false
`,
    ],
  ];

  test.each(cases)('%s', (_, friendly, plain) => {
    expect(load(friendly).devices).toEqual(load(plain).devices);
  });

  test('a virtual function goes with its physical function', () => {
    const pf = `  "0000:03:00.0":
    id: 8086:10c9
    capabilities:
      - { id: pcie, offset: 0x90, type: endpoint }
      - { id: sriov, offset: 0x160, totalVfs: 8, firstVfOffset: 0x80, vfStride: 2, vfDevice: 0x10ca }
`;
    const plain = `    registers: { 0x000: 0xffffffff, 0x004: 0x00100000, 0x008: 0x02000001, 0x02c: 0x00011af4, 0x034: 0x00000090, 0x090: 0x00020010 }
    writable: { 0x004: 0x00000004, 0x00c: 0x0000ffff, 0x03c: 0x000000ff, ${EXPRESS} }
    writeOneToClear: { 0x004: 0xf9000000, 0x098: 0x000f0000 }
    extended: true
`;
    const capabilities = '    capabilities: [{ id: pcie, offset: 0x90, type: endpoint }]\n';
    const friendly = load(
      `${pf}  "0000:03:10.0":\n    vf: { of: "03:00.0" }\n${capabilities}` +
        `  "0000:03:10.2":\n    vf: { of: "03:00.0", always: true }\n${capabilities}`,
    );
    const expected = load(
      `${pf}  "0000:03:10.0":\n${plain}    presentWith: "0000:03:00.0"\n  "0000:03:10.2":\n${plain}`,
    );
    expect(friendly.devices).toEqual(expected.devices);
    expect(friendly.devices[1]?.presentWith).toBe(parseSbdf('03:00.0'));
  });

  test('a whole machine, with ranges, a window and comments', () => {
    const result = parseMachine(`machine: 1
arch: x86                 # x86 | x86-guest-vpci | x86-guest-vpci-io | arm
memoryMap:                # inclusive
  - 0x0-0x9ffff
  - 0x100000-0x7fffffff
ecam: [{ segment: 0, base: 0xe0000000, buses: 0-255 }]
devices:
  "0000:03:00.0":
    id: 8086:10c9
    class: 0x020000
    header: 0
    multifunction: false
    command: 0x0000
    bars:
      0: { kind: mem64, address: 0xfe000000, size: 0x20000, prefetchable: true }
      2: { kind: io, address: 0xc000, size: 0x20 }
      3: { kind: mem32, address: 0xfe040000, size: 0x4000 }
    rom: { address: 0xfea00000, size: 0x10000, enabled: false }
    capabilities:
      - { id: msi, offset: 0x50, address64: true, maskable: true, vectors: 4 }
      - { id: msix, offset: 0x70, entries: 10, table: { bar: 3, offset: 0x0 }, pba: { bar: 3, offset: 0x2000 } }
      - { id: pcie, offset: 0xa0, type: endpoint }
      - { id: sriov, offset: 0x160, totalVfs: 8, firstVfOffset: 0x80, vfStride: 2, vfDevice: 0x10ca,
          bars: { 0: { kind: mem64, size: 0x4000 } } }
    registers: { 0x2c: 0x1af41100 }
    writable: { 0x40: 0x000000ff }
deviceTree: {}
grants: {}
`);
    if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
    const { arch, memoryMap, ecam, devices, further } = result.value;
    expect({ arch, memoryMap, ecam, further: Object.keys(further) }).toEqual({
      arch: 'x86',
      memoryMap: [
        { first: 0, last: 0x9ffff },
        { first: 0x100000, last: 0x7fffffff },
      ],
      ecam: [{ segment: 0, base: 0xe0000000, firstBus: 0, lastBus: 255 }],
      further: ['deviceTree', 'grants'],
    });
    expect(devices).toHaveLength(1);
    expect(devices[0]?.registers.get(0x2c)).toBe(0x1af41100);
    expect(devices[0]?.registers.get(0x78)).toBe(0x2003);
    expect(devices[0]?.writable.get(0x40)).toBe(0xff);
    expect(devices[0]?.writable.get(0x184)).toBe(0xffffc000);
    expect(devices[0]?.sriov).toBe(0x160);
  });

  test('MSI without options, enabled MSI-X, phantom functions and VF Enable', () => {
    const { devices } = load(`  "0000:00:03.0":
    id: 8086:1001
    capabilities:
      - { id: msi, offset: 0x50, enabled: true }
      - { id: msix, offset: 0x70, entries: 1, table: { bar: 1, offset: 8 }, pba: { bar: 2, offset: 16 }, enabled: true, masked: true }
      - { id: pcie, offset: 0x90, type: root-complex-endpoint, version: 1, phantomFunctions: 3 }
      - { id: vpd, offset: 0xc0 }
      - { id: sriov, offset: 0x100, totalVfs: 4, initialVfs: 2, numVfs: 1, firstVfOffset: 1, vfStride: 1, vfDevice: 1, vfEnable: true, vfMemoryEnable: true }
`);
    const registers = devices[0]?.registers;
    expect([0x50, 0x70, 0x74, 0x78, 0x90, 0x94, 0xc0, 0x108, 0x10c, 0x110].map((at) => registers?.get(at))).toEqual([
      0x00017005, 0xc0009011, 0x9, 0x12, 0x0091c010, 0x18, 0x3, 0x9, 0x00040002, 1,
    ]);
    expect(devices[0]?.writable.get(0xc0)).toBe(0xffff0000);
  });
});

describe('a description that no device can have is refused', () => {
  const device = (body: string): string => `  "0000:00:03.0":\n    id: 8086:1001\n${body}`;
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'no id',
      '  "0000:00:03.0":\n    command: 2\n',
      ['5:5: id: missing; expected vendor and device id such as 8086:10c9'],
    ],
    [
      'sizes and addresses',
      device(`    bars:
      0: { kind: mem32, size: 0x1800 }
      1: { kind: mem32, size: 8 }
      2: { kind: mem32, address: 0x1000, size: 0x4000 }
      3: { kind: io, address: 0x100000000, size: 4, prefetchable: true }
    rom: { size: 0x400 }
`),
      [
        '7:31: size: expected 0 or a power of two from 0x10 to 0x80000000; got 0x1800',
        '8:31: size: expected 0 or a power of two from 0x10 to 0x80000000; got 0x8',
        '9:34: address: expected a multiple of the size 0x4000; got 0x1000',
        '10:31: address: expected at most 32 bits; got 0x100000000',
        '10:67: prefetchable: an I/O BAR cannot be prefetchable',
        '11:18: size: expected 0 or a power of two from 0x800 to 0x1000000; got 0x400',
      ],
    ],
    [
      'upper halves',
      device(`    bars:
      0: { kind: mem64, size: 0x1000 }
      1: { kind: mem32, size: 0x1000 }
      5: { kind: mem64, size: 0x1000 }
`),
      [
        '8:7: BAR 1: the upper half of the mem64 BAR 0; expected nothing here',
        '9:18: kind: mem64 needs another BAR after BAR 5',
      ],
    ],
    [
      'what the header type has no room for',
      device(
        '    header: 2\n    rom: { size: 0x800 }\n    bars: { 3: { kind: io, size: 4 } }\n    buses: { primary: 0, secondary: 0, subordinate: 0 }\n',
      ),
      [
        '7:10: rom: this kind of device has none',
        '8:13: BAR 3: expected a number below 1 with this header type',
        '9:12: buses: only a bridge (header: 1) has bus numbers',
      ],
    ],
    [
      'BARs of a virtual function',
      '  "0000:00:03.0":\n    vf: { of: "0000:00:04.0", always: true }\n    bars: { 0: { kind: io, size: 4 } }\n',
      ["6:11: bars: a VF has none of its own; expected them in its PF's sriov capability"],
    ],
    [
      'capabilities that overlap or do not fit',
      device(`    capabilities:
      - { id: msi, offset: 0x50, address64: true, maskable: true }
      - { id: pm, offset: 0x60 }
      - { id: pcie, offset: 0xe0, type: endpoint }
      - { id: sriov, offset: 0xfe0, totalVfs: 8, firstVfOffset: 0x80, vfStride: 2, vfDevice: 0x10ca }
      - { id: ari, offset: 0x100 }
`),
      [
        '8:27: offset: overlaps the capability at 0x50, which takes 24 bytes',
        '9:29: offset: 60 bytes from 0xe0 go beyond 0x100',
        '10:30: offset: 64 bytes from 0xfe0 go beyond 0x1000',
        '11:28: offset: the capability at 0x100 has to be the first of the extended ones',
      ],
    ],
    [
      'capabilities that are unknown or incomplete',
      device(`    capabilities:
      - { id: msi, offset: 0x52, vector: 4 }
      - { id: msxi, offset: 0x70 }
      - { id: msix, offset: 0x70, entries: 0, table: { bar: 0, offset: 4 } }
      - { id: sriov, offset: 0x80, totalVfs: 8, firstVfOffset: 0x80, vfStride: 2, vfDevice: 0x10ca }
`),
      [
        '7:28: offset: expected the offset of a capability: a multiple of 4 from 0x40 to 0xfc; got 0x52',
        '7:34: unknown key "vector"; did you mean vectors?',
        '8:15: id: expected a capability, its id one of pm, msi, msix, pcie, pcix, vpd, vendor, cap, sriov, rebar, acs, aer, ari, ext; got "msxi"',
        '9:9: pba: missing; expected a map with keys out of bar, offset',
        '9:44: entries: expected a number of table entries from 1 to 2048; got 0',
        '9:72: offset: expected an offset in the BAR: a multiple of 8; got 4',
        '10:30: offset: expected the offset of an extended capability: a multiple of 4 from 0x100 to 0xffc; got 0x80',
      ],
    ],
    [
      'a physical function that is not there, or is none',
      '  "0000:00:03.0":\n    vf: { of: "0000:00:04.0" }\n  "0000:00:05.0":\n    id: 8086:1001\n    presentWith: "0000:00:03.0"\n',
      [
        '4:3: 0000:00:03.0 is present with 0000:00:04.0, which is no device of this machine',
        '6:3: 0000:00:05.0 is present with 0000:00:03.0, which has no sriov',
      ],
    ],
  ];

  test.each(cases)('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });
});
