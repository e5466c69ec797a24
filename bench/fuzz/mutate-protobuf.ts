// SPDX-License-Identifier: GPL-2.0-only
import { crc32 } from '../../engine/num/crc32.ts';
import { RECORD_TAG } from '../../engine/trace/protobuf/schema.ts';
import { joined, pick } from './mutate.ts';
import type { Random } from './random.ts';

/** Mutations of protobuf messages (https://protobuf.dev/programming-guides/encoding): whole fields, so that lengths stay right unless they are what changes. */

const WIRE = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;
const WIRE_TYPES = 8;

/** A field: its number, how it is encoded, and what follows: bytes as they are, or the fields within. */
interface Field {
  number: number;
  wire: number;
  content: Uint8Array | Field[];
  /** What the length says more than there is. */
  excess?: number;
}

const MAX_NUMBER = 2 ** 29 - 1;
const NUMBERS = [0, 1, 2, 3, 4, 5, 15, 16, 127, 128, 2047, 2048, 18_999, 19_000, MAX_NUMBER];

/** Numbers from 0 up in seven bits a byte, and such that have too many bytes or no end. */
const varint = (value: bigint): Uint8Array => {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80n; left /= 0x80n) bytes.push(Number(left % 0x80n) + 0x80);
  return Uint8Array.from([...bytes, Number(left)]);
};

const VARINTS: readonly Uint8Array[] = [
  ...[
    0n,
    1n,
    127n,
    128n,
    2n ** 31n - 1n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
  ].map(varint),
  Uint8Array.of(0x80, 0),
  Uint8Array.from([...Array.from({ length: 9 }, () => 0xff), 0x7f]),
  Uint8Array.from([...Array.from({ length: 10 }, () => 0x80), 0]),
  Uint8Array.from(Array.from({ length: 11 }, () => 0xff)),
  Uint8Array.of(0x80),
];

const SIZES: Readonly<Record<number, number>> = { [WIRE.fixed64]: 8, [WIRE.fixed32]: 4 };

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  take(length: number): Uint8Array | undefined {
    if (this.at + length > this.#bytes.length) return undefined;
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  /** The bytes of a varint. */
  takeVarint(): Uint8Array | undefined {
    const end = this.#bytes.subarray(this.at, this.at + 10).findIndex((byte) => byte < 0x80);
    return end < 0 ? undefined : this.take(end + 1);
  }
}

const numberOf = (bytes: Uint8Array): number => bytes.reduceRight((value, byte) => value * 0x80 + (byte % 0x80), 0);

/** Fields of a message, as far as it is one. */
const fieldsOf = (bytes: Uint8Array): Field[] => {
  const reader = new Reader(bytes);
  const fields: Field[] = [];
  while (!reader.isAtEnd) {
    const key = reader.takeVarint();
    if (key === undefined) break;
    const [number, wire] = [Math.floor(numberOf(key) / 8), numberOf(key) % 8];
    const length = wire === WIRE.lengthDelimited ? reader.takeVarint() : undefined;
    const size = length === undefined ? SIZES[wire] : numberOf(length);
    const content = wire === WIRE.varint ? reader.takeVarint() : size === undefined ? undefined : reader.take(size);
    if (content === undefined) break;
    fields.push({ number, wire, content });
  }
  return fields;
};

const bytesOf = (fields: readonly Field[]): Uint8Array =>
  joined(
    fields.flatMap(({ number, wire, content, excess = 0 }) => {
      const inner = content instanceof Uint8Array ? content : bytesOf(content);
      const key = varint(BigInt(number * 8 + wire));
      return wire === WIRE.lengthDelimited ? [key, varint(BigInt(inner.length + excess)), inner] : [key, inner];
    }),
  );

/** What a length may say more than there is. */
const EXCESSES = [1, 127, 2 ** 16, 2 ** 31, 2 ** 32, 2 ** 40];

type Change = (fields: Field[], at: number, random: Random, other: () => Field | undefined) => void;

const CHANGES: readonly Change[] = [
  (fields, at) => {
    fields.splice(at, 1);
  },
  (fields, at, random) => {
    const field = fields[at];
    if (field !== undefined) fields.splice(at, 0, ...Array.from({ length: random(8) === 0 ? 300 : 1 }, () => field));
  },
  (fields, at, random, other) => {
    const field = other();
    if (field !== undefined) fields.splice(at, random(2), field);
  },
  (fields, at, random) => {
    const field = fields[at];
    if (field !== undefined) fields[at] = { ...field, number: random(2) === 0 ? pick(NUMBERS, random) : random(130) };
  },
  (fields, at, random) => {
    const field = fields[at];
    if (field !== undefined) fields[at] = { ...field, wire: random(WIRE_TYPES) };
  },
  (fields, at, random) => {
    const field = fields[at];
    if (field !== undefined) fields[at] = { ...field, wire: WIRE.varint, content: pick(VARINTS, random) };
  },
  (fields, at, random) => {
    const field = fields[at];
    if (field !== undefined) fields[at] = { ...field, excess: pick(EXCESSES, random) };
  },
  (fields, at, random) => {
    const field = fields[at];
    if (field === undefined || !(field.content instanceof Uint8Array)) return;
    const content = Uint8Array.from(field.content);
    if (content.length > 0) content[random(content.length)] = random(256);
    fields[at] = { ...field, content };
  },
  (fields, at, random) => {
    const other = random(fields.length);
    const [a, b] = [fields[at], fields[other]];
    if (a === undefined || b === undefined) return;
    fields[at] = b;
    fields[other] = a;
  },
];

/** Whether bytes are a message: all of them are fields, with numbers that there can be. */
const isMessage = (bytes: Uint8Array): boolean => {
  const fields = fieldsOf(bytes);
  return fields.length > 0 && fields.every(({ number }) => number > 0) && bytesOf(fields).length === bytes.length;
};

/** Changes a field, or one within it. */
const changeOne = (fields: Field[], random: Random, other: () => Field | undefined): void => {
  if (fields.length === 0) return;
  const at = random(fields.length);
  const field = fields[at];
  const { content, wire } = field ?? {};
  if (
    field !== undefined &&
    wire === WIRE.lengthDelimited &&
    content instanceof Uint8Array &&
    random(4) > 0 &&
    isMessage(content)
  ) {
    const inner = fieldsOf(content);
    changeOne(inner, random, other);
    fields[at] = { ...field, content: inner };
  } else pick(CHANGES, random)(fields, at, random, other);
};

const CRC_NUMBER = Math.floor(RECORD_TAG.crc32 / 8);

/** The checksum that belongs to what is before it. */
const withChecksum = (fields: readonly Field[]): readonly Field[] => {
  const last = fields.at(-1);
  if (last?.number !== CRC_NUMBER || last.wire !== WIRE.fixed32) return fields;
  const before = fields.slice(0, -1);
  const content = new Uint8Array(4);
  new DataView(content.buffer).setUint32(0, crc32(bytesOf(before)), true);
  return [...before, { ...last, content }];
};

/** A trace with one field changed, at any depth; its checksum mostly fits. */
export const mutateProtobuf = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array => {
  const fields = fieldsOf(bytes);
  changeOne(fields, random, () => {
    const from = fieldsOf(pick(others, random));
    const field = from[random(from.length || 1)];
    const inner = field?.content instanceof Uint8Array && random(2) === 0 ? fieldsOf(field.content) : [];
    return inner[random(inner.length || 1)] ?? field;
  });
  return bytesOf(random(4) === 0 ? fields : withChecksum(fields));
};
