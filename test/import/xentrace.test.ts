// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { importXentrace, isXentrace, type XenTrace } from '../../engine/import/xentrace.ts';
import { readPacked } from './read-data.ts';

const IOPORT_READ = 0x82016;
const IOMEM_WRITE_64 = 0x82317;
const VMMCALL = 0x82012;
const LOST = 0x1f001;
const SWITCH = 0x2800a;

/** A record: event, words, and its time stamp counter if it has one. */
const record = (event: number, words: readonly number[], tsc?: number): readonly number[] => [
  (tsc === undefined ? 0 : 2 ** 31) + words.length * 2 ** 28 + event,
  ...(tsc === undefined ? [] : [tsc, 0]),
  ...words,
];

const piece = (cpu: number, ...records: readonly (readonly number[])[]): readonly number[] => {
  const words = records.flat();
  return [0x2001f003, cpu, 4 * words.length, ...words];
};

const file = (...words: readonly (readonly number[])[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(words.flat()).buffer);

const traceOf = (bytes: Uint8Array): XenTrace => {
  const parsed = importXentrace(bytes);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.value;
};

const problemOf = (bytes: Uint8Array): string => {
  const parsed = importXentrace(bytes);
  return parsed.ok ? '' : (parsed.problems[0]?.message ?? '');
};

describe('records', () => {
  test('of accesses and hypercalls are kept, with the time of the one before', () => {
    const { records, seen, cpus } = traceOf(
      file(piece(0, record(0x81003, [1, 2], 1000), record(IOPORT_READ, [0xcfc, 0x8086]), record(VMMCALL, [33]))),
    );
    expect([seen, cpus]).toEqual([3, 1]);
    expect(records).toEqual([
      { kind: 'port', write: false, address: 0xcfcn, data: 0x8086n, tsc: 1000n, dom: 0, vcpu: 0 },
      { kind: 'hypercall', number: 33, tsc: 1000n, dom: 0, vcpu: 0 },
    ]);
  });

  test('with the flag for 64 bits have addresses and data of two words', () => {
    const { records } = traceOf(file(piece(0, record(IOMEM_WRITE_64, [0x1000, 0xc0, 5, 6], 1))));
    expect(records).toMatchObject([{ kind: 'memory', write: true, address: 0xc0_0000_1000n, data: 0x6_0000_0005n }]);
  });

  test('belong to the vCPU that was switched to', () => {
    const { records } = traceOf(file(piece(0, record(SWITCH, [32767, 0, 3, 1], 1), record(VMMCALL, [33]))));
    expect(records).toMatchObject([{ dom: 3, vcpu: 1 }]);
  });

  test('of several CPUs are merged by time', () => {
    const { records, cpus } = traceOf(
      file(
        piece(0, record(VMMCALL, [1], 10), record(VMMCALL, [4], 40)),
        piece(1, record(VMMCALL, [2], 20), record(VMMCALL, [3], 30)),
        piece(0, record(VMMCALL, [5], 50)),
      ),
    );
    expect(cpus).toBe(2);
    expect(records.map((one) => one.kind === 'hypercall' && one.number)).toEqual([1, 2, 3, 4, 5]);
  });

  test('that were lost are counted', () => {
    const { lost, notes } = traceOf(file(piece(0, record(LOST, [7, 0, 0, 0], 1), record(LOST, [3, 0, 0, 0], 2))));
    expect(lost).toBe(10);
    expect(notes[0]?.message).toMatch(/10 records were lost/);
  });
});

describe('damage is told with its byte', () => {
  const good = file(piece(0, record(VMMCALL, [33], 1)), piece(0, record(VMMCALL, [33], 2)));

  test('a file that ends within a piece', () => {
    expect(problemOf(good.subarray(0, good.length - 4))).toMatch(/^byte 28: a piece of 16 bytes begins, 12 are left/);
    expect(problemOf(good.subarray(0, 36))).toMatch(/^byte 28: the file ends within the header of a piece/);
  });

  test('a flipped byte in the head of a piece', () => {
    const flipped = good.slice();
    flipped[29] = 0xff;
    expect(problemOf(flipped)).toMatch(/^byte 28: expected a record that names a CPU/);
  });

  test('a flipped byte in the number of words', () => {
    const flipped = good.slice();
    flipped[15] = 0xf0;
    expect(problemOf(flipped)).toMatch(/^byte 12: record 0x82012 goes beyond the end of its piece/);
  });

  test.each([
    [32768, 0],
    [0, 8192],
    [32767, 8191],
  ])('a switch to domain %i, vCPU %i, if there can be none', (dom, vcpu) => {
    const said = problemOf(file(piece(0, record(SWITCH, [0, 0, dom, vcpu], 1), record(VMMCALL, [33]))));
    expect(said).toMatch(dom === 32767 ? /^$/ : /^byte 24: a switch to vCPU \d+ of domain \d+, which cannot be/);
  });

  test('eight bytes through a port', () => {
    const IOPORT_WRITE_64 = 0x82316;
    expect(problemOf(file(piece(0, record(IOPORT_WRITE_64, [0xcfc, 0, 5, 0], 1))))).toBe('');
    expect(problemOf(file(piece(0, record(IOPORT_WRITE_64, [0xcfc, 0, 5, 1], 1))))).toMatch(
      /^byte 24: eight bytes through a port/,
    );
  });

  test('an empty file', () => {
    expect(problemOf(new Uint8Array())).toMatch(/is empty/);
    expect(isXentrace(new Uint8Array())).toBe(false);
  });
});

test('a recorded boot has config accesses through both ways', () => {
  const bytes = readPacked('plain/xentrace.gz');
  expect(isXentrace(bytes)).toBe(true);
  const { records, lost } = traceOf(bytes);
  expect(lost).toBe(0);
  const isEcam = (address: bigint): boolean => address >= 0xb0000000n && address < 0xc0000000n;
  expect(records.filter((one) => one.kind === 'port' && one.address === 0xcf8n && one.write).length).toBeGreaterThan(
    3000,
  );
  expect(records.filter((one) => one.kind === 'memory' && isEcam(one.address)).length).toBeGreaterThan(300);
  expect(records.filter((one) => one.kind === 'hypercall' && one.number === 33).length).toBe(17);
});
