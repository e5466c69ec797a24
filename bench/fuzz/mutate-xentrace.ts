// SPDX-License-Identifier: GPL-2.0-only
import { joined, pick } from './mutate.ts';
import type { Random } from './random.ts';

/** Mutations of an xentrace file (Xen's public/trace.h): whole records, so that the pieces they are in keep the right length. */

const WORD_BYTES = 4;
const HEADER_WORDS = 3;
const MAGIC = 0x2001f003;
const EVENT_RANGE = 2 ** 28;

/** Events that the importer reads, and some that it passes over. */
const EVENTS = [
  0x1f001, 0x2800a, 0x82012, 0x82016, 0x82116, 0x82216, 0x82316, 0x82017, 0x82117, 0x82217, 0x82317, 0x81001, 0,
];
const WORDS = [
  0, 1, 7, 8, 0xcf8, 0xcfc, 0xcff, 0x7fff, 0x8000, 0x80000000, 0x80001004, 0xb0000000, 0xfee00000, 0xffffffff,
];

/** A record as words, its header first. */
type Record = number[];

interface Piece {
  cpu: number;
  records: Record[];
}

const wordsOf = (bytes: Uint8Array): readonly number[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / WORD_BYTES) }, (_, at) =>
    view.getUint32(at * WORD_BYTES, true),
  );
};

/** Words of a record by its header: itself, the time stamp, the data. */
const lengthOf = (header: number): number => {
  const rest = Math.floor(header / EVENT_RANGE);
  return 1 + (rest >= 8 ? 2 : 0) + (rest % 8);
};

const recordsOf = (words: readonly number[]): Record[] => {
  const records: Record[] = [];
  for (let at = 0; at < words.length; at += lengthOf(words[at] ?? 0))
    records.push(words.slice(at, at + lengthOf(words[at] ?? 0)));
  return records;
};

const piecesOf = (bytes: Uint8Array): Piece[] => {
  const words = wordsOf(bytes);
  const pieces: Piece[] = [];
  for (let at = 0; words[at] === MAGIC; ) {
    const end = at + HEADER_WORDS + (words[at + 2] ?? 0) / WORD_BYTES;
    pieces.push({ cpu: words[at + 1] ?? 0, records: recordsOf(words.slice(at + HEADER_WORDS, end)) });
    at = end;
  }
  return pieces;
};

const bytesOf = (pieces: readonly Piece[]): Uint8Array =>
  joined(
    pieces.map(({ cpu, records }) => {
      const words = records.flat();
      return new Uint8Array(Uint32Array.from([MAGIC, cpu, words.length * WORD_BYTES, ...words]).buffer);
    }),
  );

type Change = (records: Record[], at: number, random: Random) => void;

const CHANGES: readonly Change[] = [
  (records, at) => {
    records.splice(at, 1);
  },
  (records, at, random) => {
    records.splice(random(records.length + 1), 0, ...(records[at] === undefined ? [] : [[...records[at]]]));
  },
  (records, at, random) => {
    const record = records[at];
    if (record?.[0] !== undefined) record[0] = record[0] - (record[0] % EVENT_RANGE) + pick(EVENTS, random);
  },
  (records, at, random) => {
    const record = records[at];
    if (record !== undefined && record.length > 1)
      record[1 + random(record.length - 1)] = random(2) === 0 ? pick(WORDS, random) : random(2 ** 32);
  },
  (records, at, random) => {
    const data = Array.from({ length: random(8) }, () => pick(WORDS, random));
    const stamp = random(2) === 0 ? [] : [random(2 ** 32), random(8)];
    const count = (stamp.length > 0 ? 8 : 0) + data.length;
    records.splice(at, random(2), [count * EVENT_RANGE + pick(EVENTS, random), ...stamp, ...data]);
  },
];

/** An xentrace file with a record or a piece changed. */
export const mutateXentrace = (bytes: Uint8Array, random: Random): Uint8Array => {
  const pieces = piecesOf(bytes);
  const at = random(pieces.length || 1);
  const piece = pieces[at];
  if (piece === undefined) return bytes;
  if (random(8) === 0) {
    const cpu = pick([0, 1, 2, 4095, 4096, 2 ** 32 - 1], random);
    const cut = random(piece.records.length + 1);
    pieces.splice(
      at,
      1,
      { ...piece, records: piece.records.slice(0, cut) },
      { cpu, records: piece.records.slice(cut) },
    );
  } else pick(CHANGES, random)(piece.records, random(piece.records.length || 1), random);
  return bytesOf(pieces);
};
