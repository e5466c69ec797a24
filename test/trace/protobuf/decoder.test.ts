// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../engine/num/crc32.ts';
import { OPERATIONS } from '../../../engine/ops/index.ts';
import { decodeCsv } from '../../../engine/trace/csv.ts';
import type { DecodedTrace } from '../../../engine/trace/decoder.ts';
import { decodeProtobuf, ProtobufDecoder } from '../../../engine/trace/protobuf/decoder.ts';
import { protobufSchema } from '../../../engine/trace/protobuf/schema.ts';
import { formatProtobuf } from '../../../engine/trace/protobuf/write.ts';
import { cases } from '../../property/parameters.ts';

const schema = protobufSchema(OPERATIONS);

const CSV = `# hvreplay-trace: 1
# title: A small recording
# complete: yes
# lost: 3
#| machine: 1
#| arch: x86
op,dom,vcpu,sbdf,reg,size,value,ret,note
boot.hwdom_setup,,,,,,,,
cfg.write,d0,1,0000:00:03.0,0x4,2,0xffffffffffffffff,,all bits
cfg.read,d0,,0000:00:03.0,0x10,4,0xfebf0000,,
physdev.pci_device_remove,xen,,ffff:ff:1f.7,,,,-ENODEV,ü
`;

const small = ((): DecodedTrace => {
  const decoded = decodeCsv(CSV, OPERATIONS);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return decoded.value;
})();

const bytes = formatProtobuf(small.header, small.events, schema);

const problemsOf = (trace: Uint8Array): readonly string[] => {
  const decoded = decodeProtobuf(trace, schema);
  return decoded.ok ? [] : decoded.problems.map(({ message }) => message);
};

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** The same with the checksum that a recorder would have written. */
const sealed = (...parts: readonly Uint8Array[]): Uint8Array => {
  const all = join(...parts);
  return join(all, protobuf.Writer.create().uint32(0x25).fixed32(crc32(all)).finish());
};

/** A record with this tag; `fill` writes what is in it. */
const record = (tag: number, fill: (writer: protobuf.Writer) => void): Uint8Array => {
  const writer = protobuf.Writer.create().uint32(tag).fork();
  fill(writer);
  return writer.ldelim().finish();
};

const HEADER = record(0x0a, (writer) => writer.uint32(8).uint32(1));
const NOTE = record(0x12, (writer) => writer.uint32(8).uint32(44));
const event = (op: number, fill: (writer: protobuf.Writer) => void): Uint8Array =>
  record(0x12, (writer) => fill(writer.uint32(8).uint32(op)));

test('CRC-32 is that of zlib, in pieces too', () => {
  const check = new TextEncoder().encode('123456789');
  expect(crc32(check)).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat({ max: 64 }), (data, at) => {
      expect(crc32(data.subarray(at), crc32(data.subarray(0, at)))).toBe(crc32(data));
    }),
    cases(200),
  );
});

test('a trace is decoded the same in pieces of any size', () => {
  for (let size = 1; size < bytes.length; size += 1) {
    const decoder = new ProtobufDecoder(schema);
    const events = [];
    // Whoever reads a file may use the same memory for each piece.
    const piece = new Uint8Array(size);
    for (let at = 0; at < bytes.length; at += size) {
      const { length } = bytes.subarray(at, at + size);
      piece.set(bytes.subarray(at, at + size));
      events.push(...decoder.push(piece.subarray(0, length)));
    }
    events.push(...decoder.end());
    expect({ header: decoder.header, events, problems: decoder.problems }).toEqual({ ...small, problems: [] });
  }
});

test('any byte that is not what was written is found', () => {
  const missed: string[] = [];
  for (let at = 0; at < bytes.length; at += 1)
    for (let more = 1; more < 256; more += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (bytes[at] ?? 0) + more;
      if (problemsOf(changed).length === 0) missed.push(`byte ${at} plus ${more}`);
    }
  expect(missed).toEqual([]);
});

test('a recording that is cut off anywhere is refused, with the bytes that are good', () => {
  const starts = [HEADER.length];
  for (let at = 0; at < bytes.length; at += 1) {
    const [first = ''] = problemsOf(bytes.subarray(0, at));
    expect(first).toMatch(/^byte \d+: (the file is empty|the file ends within its header|the recording is cut off)/);
    const good = Number(/^byte (\d+)/.exec(first)?.[1]);
    expect(good).toBeLessThanOrEqual(at);
    if (!starts.includes(good)) starts.push(good);
  }
  // Header, four events, end, checksum.
  expect(starts.length).toBe(1 + 7);
});

test('what is good of a recording that is cut off can be had, and says that it is not complete', () => {
  const decoded = decodeProtobuf(bytes.subarray(0, bytes.length - 20), schema, { allowTruncated: true });
  expect(decoded).toEqual({
    ok: true,
    value: { header: { ...small.header, directives: { complete: 'no' } }, events: small.events.slice(0, 3) },
  });
});

test('allowing a trace to be cut off does not allow it to be damaged', () => {
  const changed = Uint8Array.from(bytes);
  changed[60] = (bytes[60] ?? 0) + 1;
  expect(decodeProtobuf(changed, schema, { allowTruncated: true }).ok).toBe(false);
});

test('messages that follow each other are one: several events may stand in one piece', () => {
  expect(problemsOf(sealed(HEADER, NOTE, NOTE))).toEqual([]);
});

describe('a protobuf trace is refused', () => {
  test.each<readonly [what: string, trace: Uint8Array, said: RegExp]>([
    ['that is empty', new Uint8Array(), /^byte 0: the file is empty; expected a header$/],
    ['that is text', new TextEncoder().encode('# hvreplay-trace: 1\n'), /^byte 0: .*got 35: this is no protobuf trace/],
    ['without a header', sealed(NOTE), /^byte 0: expected a header first; got event/],
    ['with two headers', sealed(HEADER, NOTE, HEADER), /^byte 8: a second header/],
    [
      'of another version',
      sealed(record(0x0a, (writer) => writer.uint32(8).uint32(2))),
      /^hvreplay-trace: expected version 1; got "2"/,
    ],
    ['without a version', sealed(record(0x0a, () => undefined)), /^hvreplay-trace: missing/],
    [
      'with a length of 2 GiB',
      join(HEADER, Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0xff, 0x07)),
      /^byte 4: a record of 2147483647 bytes; expected at most 65536/,
    ],
    [
      'with a length without end',
      join(HEADER, new Uint8Array(12).fill(0xff).fill(0x12, 0, 1)),
      /^byte 4: a record whose length has more than 31 bits/,
    ],
    [
      'with an unknown record',
      sealed(
        HEADER,
        record(0x2a, () => undefined),
      ),
      /^byte 4: expected an event, end or crc32.*got 42/,
    ],
    [
      'with an event after the end',
      sealed(
        HEADER,
        record(0x1a, () => undefined),
        NOTE,
      ),
      /^byte 6: expected crc32 after the end; got event/,
    ],
    [
      'with something after the checksum',
      join(sealed(HEADER, NOTE), NOTE),
      /^byte 13: expected nothing after the checksum/,
    ],
    [
      'of an unknown operation',
      sealed(
        HEADER,
        event(9999, () => undefined),
      ),
      /^byte 4, event 1: op: unknown operation 9999/,
    ],
    [
      'of no operation',
      sealed(
        HEADER,
        record(0x12, (writer) => writer.uint32(0x10).uint32(0)),
      ),
      /event 1: .*expected the field op first/,
    ],
    [
      'with an unknown field',
      sealed(
        HEADER,
        event(44, (writer) => writer.uint32(8 * 999).uint32(1)),
      ),
      /event 1: field 999 is unknown/,
    ],
    [
      'with a field of another operation',
      sealed(
        HEADER,
        event(44, (writer) => writer.uint32(0x20).uint32(1)),
      ),
      /event 1: sbdf: note has no such field/,
    ],
    [
      'with a field of another type',
      sealed(
        HEADER,
        event(9, (writer) => writer.uint32(0x22).string('x')),
      ),
      /event 1: sbdf: wire type 2; expected uint32/,
    ],
    [
      'with a field twice',
      sealed(
        HEADER,
        event(9, (writer) => writer.uint32(0x20).uint32(1).uint32(0x20).uint32(2)),
      ),
      /event 1: sbdf: given twice/,
    ],
    [
      'with the operation twice',
      sealed(
        HEADER,
        event(9, (writer) => writer.uint32(8).uint32(9)),
      ),
      /event 1: op: given twice/,
    ],
    [
      'without a field',
      sealed(
        HEADER,
        event(9, () => undefined),
      ),
      /event 1: sbdf: missing; boot.hide needs segment/,
    ],
    [
      'with a number out of range',
      sealed(
        HEADER,
        event(9, (writer) => writer.uint32(0x20).uint64(2 ** 32)),
      ),
      /event 1: sbdf: expected segment.*got 4294967296/,
    ],
    [
      'with a number of 11 bytes',
      sealed(
        HEADER,
        record(0x12, (writer) => writer.uint32(8).uint32(9).uint32(0x20).raw(new Uint8Array(11).fill(0xff))),
      ),
      /event 1: a number or text that does not end/,
    ],
    [
      'with a number that goes beyond its event',
      sealed(HEADER, Uint8Array.of(0x12, 4, 8, 9, 0x20, 0xff), NOTE),
      /event 1: a number or text that does not end/,
    ],
    [
      'with text that is longer than its event',
      sealed(HEADER, Uint8Array.of(0x12, 4, 8, 44, 0x6a, 0x70), NOTE),
      /event 1: a number or text that does not end/,
    ],
    [
      'with text that is no UTF-8',
      sealed(
        HEADER,
        event(44, (writer) => writer.uint32(0x6a).bytes(Uint8Array.of(0xc3, 0x28))),
      ),
      /event 1: note: expected Unicode text/,
    ],
    [
      'with empty text',
      sealed(
        HEADER,
        event(44, (writer) => writer.uint32(0x6a).string('')),
      ),
      /event 1: note: expected some text/,
    ],
    [
      'with numbers that do not rise',
      sealed(
        HEADER,
        NOTE,
        event(44, (writer) => writer.uint32(0x60).uint32(1)),
      ),
      /event 2: seq: expected a number above 1.*got 1/,
    ],
    [
      'with an unknown domain',
      sealed(
        HEADER,
        event(17, (writer) => writer.uint32(0x10).uint32(0x10000)),
      ),
      /event 1: dom: expected a domain/,
    ],
    [
      'with a header of unknown fields',
      sealed(record(0x0a, (writer) => writer.uint32(8).uint32(1).uint32(0x7a).string('x'))),
      /^byte 0: header: field 15 of wire type 2/,
    ],
    [
      'with a title of two lines',
      sealed(record(0x0a, (writer) => writer.uint32(8).uint32(1).uint32(0x12).string('a\nb'))),
      /^byte 0: header: title: expected one line/,
    ],
    [
      'with an end of unknown fields',
      sealed(
        HEADER,
        record(0x1a, (writer) => writer.uint32(0x18).uint32(1)),
      ),
      /^byte 4: end: field 3 of wire type 0/,
    ],
    [
      'with more lost than can be counted',
      sealed(
        HEADER,
        record(0x1a, (writer) => writer.uint32(0x10).uint64(2 ** 60)),
      ),
      /^byte 4: end: lost: expected a number of events/,
    ],
    [
      'with two machines',
      sealed(record(0x0a, (writer) => writer.uint32(8).uint32(1).uint32(0x1a).string('m').uint32(0x22).string('n'))),
      /^machine: given as a file and within the trace/,
    ],
  ])('%s', (_what, trace, said) => {
    expect(problemsOf(trace)[0]).toMatch(said);
  });
});

test('faults of several events are all reported', () => {
  const bad = event(9, () => undefined);
  expect(problemsOf(sealed(HEADER, bad, NOTE, bad)).map((message) => message.slice(0, 16))).toEqual([
    'byte 4, event 1:',
    'byte 12, event 3',
  ]);
});

test('noise of any kind ends in problems', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      expect(problemsOf(join(HEADER, noise)).length).toBeGreaterThan(0);
    }),
    cases(500),
  );
});
