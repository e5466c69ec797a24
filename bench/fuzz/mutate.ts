// SPDX-License-Identifier: GPL-2.0-only
import type { Random } from './random.ts';

/** What is done to inputs that were right. Bytes in, bytes out; text formats are mutated as bytes too. */

/** No input grows beyond this; decoders have limits of their own, tested one by one. */
const MAX_BYTES = 2 ** 18;

const latin = new TextDecoder('latin1');
const encoder = new TextEncoder();

const NUMBERS = [
  ...[
    '0',
    '1',
    '-1',
    '7',
    '8',
    '255',
    '256',
    '4095',
    '4096',
    '65535',
    '65536',
    '2147483648',
    '4294967295',
    '4294967296',
  ],
  ...[
    '9007199254740993',
    '18446744073709551615',
    '18446744073709551616',
    `1${'0'.repeat(400)}`,
    '0x',
    '0xffffffffffffffff',
  ],
  ...['0x10000000000000000', '1e308', '1e999', 'NaN', 'Infinity', '-0', '0b1', '1_000', '+5', ' 5', '.5'],
];

const TOKENS = [
  ...[
    '\r\n',
    '\n\n',
    '\r',
    '\0',
    '\ufeff',
    '"',
    '""',
    ',',
    ';',
    '#',
    ':',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '<<: *a',
    '!!js',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '../',
    '/etc/passwd',
    '\u2028',
    '\ud83d\ude00',
    '\t',
    '%s',
    '$(',
  ],
];

/** One after the other. */
export const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

export const pick = <T>(list: readonly T[], random: Random): T => {
  const chosen = list[random(list.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
};

/** A place, and a short or, rarely, a long way from it. */
const range = (bytes: Uint8Array, random: Random): readonly [from: number, to: number] => {
  const from = random(bytes.length + 1);
  const length = random(4) === 0 ? random(bytes.length + 1) : random(9);
  return [from, Math.min(bytes.length, from + length)];
};

/** Often enough for time that grows with the square of a line to be seen. */
const manyTimes = (length: number, random: Random): number =>
  random(2) === 0 ? 1000 : Math.floor(MAX_BYTES / Math.max(16, length));

type Mutation = (
  bytes: Uint8Array,
  random: Random,
  others: readonly Uint8Array[],
  words: readonly string[],
) => Uint8Array;

const insert = (bytes: Uint8Array, at: number, text: Uint8Array): Uint8Array =>
  joined([bytes.subarray(0, at), text, bytes.subarray(at)]);

/** Replaces one match of the pattern. */
const replaceMatch = (bytes: Uint8Array, pattern: RegExp, random: Random, text: string): Uint8Array => {
  const matches = [...latin.decode(bytes).matchAll(pattern)];
  if (matches.length === 0) return bytes;
  const { index, 0: found } = pick(matches, random);
  return joined([bytes.subarray(0, index), encoder.encode(text), bytes.subarray(index + found.length)]);
};

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    const changed = Uint8Array.from(bytes);
    if (changed.length > 0) changed[random(changed.length)] = random(256);
    return changed;
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return joined([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    const times = random(20) === 0 ? manyTimes(to - from, random) : 1 + random(3);
    return insert(bytes, from, joined(Array.from({ length: times }, () => bytes.subarray(from, to))));
  },
  (bytes, random, others) => {
    const [from, to] = range(bytes, random);
    const other = pick(others, random);
    const [first, last] = range(other, random);
    return joined([bytes.subarray(0, from), other.subarray(first, last), bytes.subarray(to)]);
  },
  (bytes, random) => insert(bytes, random(bytes.length + 1), encoder.encode(pick(TOKENS, random))),
  (bytes, random) => insert(bytes, random(bytes.length + 1), Uint8Array.of(128 + random(128), 128 + random(128))),
  (bytes, random) => replaceMatch(bytes, /0x[0-9a-f]+|\d+/gi, random, pick(NUMBERS, random)),
  (bytes, random, _others, words) => replaceMatch(bytes, /[A-Za-z_][\w.]*/g, random, pick(words, random)),
  (bytes, random) => {
    const lines = latin.decode(bytes).split('\n');
    const [a, b] = [random(lines.length), random(lines.length)];
    [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
    return Uint8Array.from(lines.join('\n'), (character) => character.charCodeAt(0));
  },
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
];

/** What a format knows of its own structure: a change that keeps lengths and checksums right. */
export type StructureMutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

/**
 * An input with one to four things changed. Words of all seeds replace words, so that a change often makes something
 * that has a meaning elsewhere. With a mutation of its structure each change is one of those, or else one of bytes.
 */
export const mutate = (
  seeds: readonly Uint8Array[],
  words: readonly string[],
  random: Random,
  structure?: StructureMutation,
): Uint8Array => {
  let bytes = pick(seeds, random);
  for (let left = 1 + random(4); left > 0; left -= 1) {
    const change = structure !== undefined && random(4) > 0 ? structure : pick(MUTATIONS, random);
    bytes = change(bytes, random, seeds, words).subarray(0, MAX_BYTES);
  }
  return bytes;
};

/** The words that seeds are made of. */
export const wordsOf = (seeds: readonly Uint8Array[]): readonly string[] => [
  ...new Set([...seeds.flatMap((seed) => latin.decode(seed).match(/[A-Za-z_][\w.]*/g) ?? []), ...TOKENS.slice(0, 1)]),
];
