// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { MAX_DEVICES, MAX_MACHINE_CHARS } from '../../engine/machine/limits.ts';
import { parseMachine } from '../../engine/machine/load.ts';
import type { PlainMachine } from '../../engine/machine/plain.ts';
import { readPlainMachine } from '../../engine/machine/read-plain.ts';
import { formatMachine } from '../../engine/machine/write.ts';
import { parseSbdf } from '../../engine/num/sbdf.ts';
import { MAX_PROBLEMS_LISTED } from '../../engine/trace/problem.ts';

const CANONICAL = `# a comment

machine: 1
arch: x86-guest-vpci
memoryMap:
  - 0x0-0x9ffff
  - 0x100000000-0x27fffffff
ecam:
  - { segment: 0, base: 0xe0000000, buses: 0-255 }
  - { segment: 1, base: 0x3f00000000, buses: 16-31 }
devices:
  # id=8086:10c9 class=020000
  "0000:03:00.0":
    registers: { 0x000: 0x10c98086, 0x008: 0x02000001, 0x160: 0x00010010 }
    writable: { 0x004: 0x00000547, 0x168: 0x0000001f }
    writeOneToClear: { 0x004: 0xf9000000 }
    extended: true
    sriov: 0x160
    resizable: [{ control: 0x208, bar: 0 }, { control: 0x210, bar: 7 }]
    stickyMemoryDecoding: true
  # id=ffff:ffff class=000000
  "0001:03:1f.7":
    registers: { 0x000: 0xffffffff }
    writable: {}
    writeOneToClear: {}
    extended: false
    aliased: true
    present: false
    presentWith: "0000:03:00.0"
`;

const EXPECTED: PlainMachine = {
  arch: 'x86-guest-vpci',
  memoryMap: [
    { first: 0, last: 0x9ffff },
    { first: 0x100000000, last: 0x27fffffff },
  ],
  ecam: [
    { segment: 0, base: 0xe0000000, firstBus: 0, lastBus: 255 },
    { segment: 1, base: 0x3f00000000, firstBus: 16, lastBus: 31 },
  ],
  devices: [
    {
      sbdf: parseSbdf('0000:03:00.0') ?? raise(),
      registers: new Map([
        [0, 0x10c98086],
        [8, 0x02000001],
        [0x160, 0x00010010],
      ]),
      writable: new Map([
        [4, 0x547],
        [0x168, 0x1f],
      ]),
      writeOneToClear: new Map([[4, 0xf9000000]]),
      extended: true,
      aliased: false,
      present: true,
      presentWith: undefined,
      sriov: 0x160,
      resizable: [
        { control: 0x208, bar: 0 },
        { control: 0x210, bar: 7 },
      ],
      stickyMemoryDecoding: true,
    },
    {
      sbdf: parseSbdf('0001:03:1f.7') ?? raise(),
      registers: new Map([[0, 0xffffffff]]),
      writable: new Map(),
      writeOneToClear: new Map(),
      extended: false,
      aliased: true,
      present: false,
      presentWith: parseSbdf('0000:03:00.0'),
      sriov: undefined,
      resizable: [],
      stickyMemoryDecoding: false,
    },
  ],
};

function raise(): never {
  throw new Error('no SBDF');
}

/** The same text through the YAML reader: the canonical reader knows no document end marker. */
const asYaml = (text: string): string => `${text}\n...\n`;

const problems = (text: string): string[] => {
  const result = parseMachine(text);
  return result.ok ? [] : result.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
};

const HEAD = 'machine: 1\narch: x86\n';

describe('a machine in plain form', () => {
  test('is read from canonical text, with and without the YAML reader', () => {
    expect(readPlainMachine(CANONICAL)).toEqual(EXPECTED);
    expect(readPlainMachine(asYaml(CANONICAL))).toBeUndefined();
    expect(parseMachine(CANONICAL)).toEqual({ ok: true, value: { ...EXPECTED, further: {} } });
    expect(parseMachine(asYaml(CANONICAL))).toEqual({ ok: true, value: { ...EXPECTED, further: {} } });
  });

  test('is written as canonical text', () => {
    expect(formatMachine(EXPECTED)).toBe(CANONICAL.replace('# a comment\n\n', ''));
  });

  test('is written without zeroes and in ascending order', () => {
    const [device] = EXPECTED.devices;
    if (device === undefined) throw new Error('no device');
    const text = formatMachine({
      ...EXPECTED,
      devices: [{ ...device, registers: new Map([...device.registers, [4, 0]].reverse() as [number, number][]) }],
    });
    expect(readPlainMachine(text)?.devices).toEqual([device]);
  });

  test('may be empty', () => {
    const empty = { arch: 'arm', memoryMap: [], ecam: [], devices: [], further: {} };
    for (const text of [
      'machine: 1\narch: arm\n',
      'machine: 1\narch: arm\ndevices:\n',
      'arch: arm\nmachine: 1\nmemoryMap: []\necam:\ndevices: {}',
      '{"machine":1,"arch":"arm"}',
    ])
      expect(parseMachine(text)).toEqual({ ok: true, value: empty });
  });

  test('has extended space if anything is in it and the file does not say', () => {
    const devices = (body: string) => {
      const result = parseMachine(`${HEAD}devices:\n  "00:03.0":\n    registers: ${body}\n`);
      return result.ok ? result.value.devices.map(({ extended }) => extended) : [];
    };
    expect(devices('{ 0x0fc: 0x00000001 }')).toEqual([false]);
    expect(devices('{ 0x100: 0x00000001 }')).toEqual([true]);
  });

  test('keeps what others validate', () => {
    const result = parseMachine(`${HEAD}grants: { guest: d1, frames: 4 }\ndeviceTree:\n  pci: [1, "a", null]\narm:\n`);
    expect(result.ok ? result.value.further : undefined).toEqual({
      grants: { guest: 'd1', frames: 4 },
      deviceTree: { pci: [1, 'a', null] },
      arm: null,
    });
  });

  test('is read the same by both readers or left to YAML, whatever is changed in the text', () => {
    let seed = 12345;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 0x80000000;
      return Math.floor((seed / 0x80000000) * below);
    };
    const bits = [
      ' ',
      '\n',
      '0',
      'f',
      '9',
      ',',
      '{',
      '}',
      '"',
      ':',
      '#',
      '-',
      'x',
      '.',
      '\t',
      '0x',
      '  ',
      'true',
      '&a ',
    ];
    let taken = 0;
    for (let round = 0; round < 1500; round += 1) {
      const at = random(CANONICAL.length);
      const text = CANONICAL.slice(0, at) + (bits[random(bits.length)] ?? '') + CANONICAL.slice(at + random(3));
      const plain = readPlainMachine(text);
      if (plain === undefined) continue;
      taken += 1;
      const viaYaml = parseMachine(asYaml(text));
      expect(viaYaml, `seed 12345, round ${round}:\n${text}`).toEqual({ ok: true, value: { ...plain, further: {} } });
    }
    expect(taken).toBeGreaterThan(50);
  });
});

describe('what is wrong with a machine file is reported with its place', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'an empty file',
      '',
      [
        '1:1: machine file: expected a map with keys out of machine, arch, memoryMap, ecam, deviceTree, grants, arm, devices; got null',
      ],
    ],
    [
      'missing and wrong values at the top',
      'machine: 2\nmemorymap: []\n',
      [
        '1:1: arch: missing; expected one of x86, x86-guest-vpci, x86-guest-vpci-io, arm',
        '1:10: machine: expected 1; got 2',
        '2:1: unknown key "memorymap"; did you mean memoryMap?',
      ],
    ],
    [
      'ranges that descend beside windows that are wrong',
      `${HEAD}memoryMap: [0x2-0x1]\necam:\n  - { segment: 0, base: 0x100, buses: 0-255 }\n`,
      [
        '3:13: memoryMap: expected a range that ascends, below 2^53; got "0x2-0x1"',
        '5:25: base: expected the address of bus 0: a multiple of 0x100000; got 0x100',
      ],
    ],
    [
      'BARs of odd and of no size, and a BAR that there is none of',
      `${HEAD}devices:\n  "0000:03:00.0":\n    bars: { 0: { kind: mem32, size: 4K }, 9: { kind: io, size: 4 } }\n  "0000:04:00.0":\n    id: 8086:10c9\n    bars: { 0: { kind: mem32, size: 0x1001 }, 9: { kind: io, size: 4 } }\n`,
      [
        '5:37: size: expected a size in bytes: a number, or from 2^53 on text such as "0x40000000000000"; got "4K"',
        '5:43: unknown key "9"',
        '8:37: size: expected 0 or a power of two from 0x10 to 0x80000000; got 0x1001',
        '8:47: unknown key "9"',
      ],
    ],
    [
      'memory map and ECAM windows',
      `${HEAD}memoryMap: [1-2-3, 0x2-0x1, 0x0-0xffffffffffffff]\necam:\n  - { segment: 0, base: 0x100, buses: 0-255 }\n`,
      [
        '3:13: memoryMap[0]: expected an inclusive range of bytes such as 0x100000-0x7fffffff; got "1-2-3"',
        '5:25: base: expected the address of bus 0: a multiple of 0x100000; got 0x100',
      ],
    ],
    [
      'ranges that do not ascend, windows that overlap',
      `${HEAD}memoryMap: [0x2-0x1, 0x0-0xffffffffffffff]\necam:\n  - { segment: 0, base: 0, buses: 9-300 }\n  - { segment: 0, base: 0, buses: 0-9 }\n`,
      [
        '3:13: memoryMap: expected a range that ascends, below 2^53; got "0x2-0x1"',
        '3:22: memoryMap: expected a range that ascends, below 2^53; got "0x0-0xffffffffffffff"',
        '5:35: buses: expected a range that ascends, up to 255; got "9-300"',
        '5:35: buses: overlaps another window of segment 0',
      ],
    ],
    [
      'keys of devices',
      `${HEAD}devices:\n  "0000:03:20.0": {}\n  "x": {}\n  "00:03.0": {}\n  "0000:00:03.0": {}\n  "00:04.0":\n`,
      [
        '4:3: expected an SBDF such as "0000:03:00.0" as key; got "0000:03:20.0"',
        '5:3: expected an SBDF such as "0000:03:00.0" as key; got "x"',
        '7:3: device 0000:00:03.0 is there twice; expected it once',
        '8:13: 00:04.0: expected a map with keys',
      ],
    ],
    [
      'registers',
      `${HEAD}devices:\n  "00:03.0":\n    register: {}\n    registers: { 0x2: 1, 0x1000: 1, 0x10: 1, "0x10": 2, four: 1, 0x8: -1, 0xc: 0x100000000, 0x14: "x", 0x18: 1.5 }\n`,
      [
        '5:5: unknown key "register"; did you mean registers?',
        '6:57: expected a register offset: a multiple of 4 from 0 to 0xffc; got "four"',
        '6:71: registers 8: expected a 32-bit number; got -1',
        '6:80: registers 0xc: expected a 32-bit number; got 0x100000000',
        '6:99: registers 0x14: expected a 32-bit number; got "x"',
        '6:110: registers 0x18: expected a 32-bit number; got 1.5',
      ],
    ],
    [
      'offsets of registers',
      `${HEAD}devices:\n  "00:03.0":\n    writable: { 0x2: 1, 0x1000: 1, 0x10: 1, "0x10": 2 }\n`,
      [
        '5:17: writable: expected a multiple of 4 below 0x1000 as offset; got 0x2',
        '5:25: writable: expected a multiple of 4 below 0x1000 as offset; got 0x1000',
        '5:45: writable: offset 0x10 is there twice; expected it once',
      ],
    ],
    [
      'repeated keys and keys of other types',
      `${HEAD}arch: x86\ndevices:\n  "00:03.0": { registers: { 0x4: 1, 4: 2 }, present: true, present: false }\n? [a]\n: 1\n__proto__: 1\nnull: 1\n`,
      [
        '3:1: key "arch" is there twice; expected it once',
        '5:37: key "4" is there twice; expected it once',
        '5:60: key "present" is there twice; expected it once',
        '6:3: expected a key that is text or a number',
        '8:1: unknown key "__proto__"',
        '9:1: expected a key that is text or a number',
      ],
    ],
    ['aliases', `${HEAD}grants: &a [1]\narm: *a\n`, ['4:6: an alias; expected the value itself, written out']],
    [
      'text that is no YAML',
      `${HEAD}devices: {\n`,
      ['4:1: not valid YAML: Flow map in block collection must be sufficiently indented and end with a }'],
    ],
    ['tags', `${HEAD}grants: !x 1\n`, ['3:9: not valid YAML: Unresolved tag: !x']],
    ['several documents', `${HEAD}---\n${HEAD}`, ['3:1: more than one YAML document; expected one']],
    ['NUL', `${HEAD}# \0\n`, ['3:3: a NUL character; expected text without NUL']],
  ];

  test.each(cases)('%s', (_, text, expected) => {
    const found = problems(text);
    expect(found).toHaveLength(expected.length);
    expect(found.map((problem, index) => problem.slice(0, expected[index]?.length))).toEqual(expected);
  });

  test('nesting is limited, however deep it is', () => {
    for (const text of ['['.repeat(100_000), `${'- '.repeat(100_000)}x`, `a: ${'{a: '.repeat(100)}`])
      expect(problems(text)).toEqual([expect.stringMatching(/^1:\d+: nested more than 32 levels deep$/)]);
    expect(problems(`${HEAD}grants: ${'['.repeat(40)}${']'.repeat(40)}\n`)).toHaveLength(1);
    expect(problems(`${HEAD}grants: ${'['.repeat(20)}${']'.repeat(20)}\n`)).toEqual([]);
  });

  test('the size and the number of devices are limited', () => {
    expect(problems(`${HEAD}#${' '.repeat(MAX_MACHINE_CHARS)}`)).toHaveLength(1);
    const device = (index: number): string => {
      const digits = (value: number, count: number): string => value.toString(16).padStart(count, '0');
      const slot = Math.floor(index / 8) % 32;
      return `  "${digits(Math.floor(index / 65536), 4)}:${digits(Math.floor(index / 256) % 256, 2)}:${digits(slot, 2)}.${index % 8}":\n    extended: true\n`;
    };
    const full = `${HEAD}devices:\n${Array.from({ length: MAX_DEVICES }, (_, i) => device(i)).join('')}`;
    expect(readPlainMachine(full)?.devices).toHaveLength(MAX_DEVICES);
    expect(readPlainMachine(full + device(MAX_DEVICES))).toBeUndefined();
  });

  test('the first problems are listed, the others counted', () => {
    const registers = Array.from({ length: 200 }, (_, i) => `0x${(4 * i).toString(16)}: -1`).join(', ');
    const found = problems(`${HEAD}devices:\n  "00:03.0":\n    registers: { ${registers} }\n`);
    expect(found).toHaveLength(MAX_PROBLEMS_LISTED + 1);
    expect(found.at(-1)).toContain('and 150 more');
  });
});
