// SPDX-License-Identifier: GPL-2.0-only
import { formatErrno, parseErrno } from '../num/errno.ts';
import { formatSbdf, parseSbdf, type Sbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import { domainWire, isDomainName, sbdfWire, signedWire, textWire, u64Wire, unsignedWire, type Wire } from './wire.ts';

/**
 * One field of an operation, declared once: the CSV column, the JSON key, the protobuf field, validation and the
 * reference page derive from it.
 */
export interface Field<T> {
  /** The kind's name on the reference page. */
  readonly kind: string;
  /** Completes "expected …" in an error message. */
  readonly expected: string;
  /** Whether a row may leave it out. */
  readonly optional: boolean;
  /** undefined: the text is not of this kind. */
  parse(text: string): T | undefined;
  /** The one canonical text; `parse` of it gives the value back. */
  format(value: T): string;
  readonly wire: Wire<T>;
}

export type FieldSet = Readonly<Record<string, Field<unknown>>>;

/** The parsed fields of an operation; what is optional may be undefined. */
export type ArgsOf<F extends FieldSet> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

const NUMBER = /^(?:0x[0-9a-f]{1,16}|\d{1,20})$/i;

const unsigned = (kind: string, max: number): Field<number> => ({
  kind,
  expected: `a number from 0 to ${hex(max)}, decimal or 0x…`,
  optional: false,
  parse: (text) => {
    if (!NUMBER.test(text)) return undefined;
    const value = Number(text);
    return value <= max ? value : undefined;
  },
  format: hex,
  wire: unsignedWire(max),
});

const MAX_U64 = 2n ** 64n - 1n;

const u64: Field<bigint> = {
  kind: 'u64',
  expected: 'a 64-bit number, decimal or 0x…',
  optional: false,
  parse: (text) => {
    if (!NUMBER.test(text)) return undefined;
    const value = BigInt(text);
    return value <= MAX_U64 ? value : undefined;
  },
  format: hex,
  wire: u64Wire,
};

const sbdf: Field<Sbdf> = {
  kind: 'sbdf',
  expected: 'segment:bus:device.function such as 0000:03:10.0',
  optional: false,
  parse: parseSbdf,
  format: formatSbdf,
  wire: sbdfWire,
};

const domain: Field<string> = {
  kind: 'domain',
  expected: 'a domain: d0, d1, …, xen or io',
  optional: false,
  parse: (text) => (isDomainName(text) ? text : undefined),
  format: (value) => value,
  wire: domainWire,
};

/** As many digits as a result may have. */
const MAX_ERRNO = 999_999_999;

const errno: Field<number> = {
  kind: 'errno',
  expected: 'a result: 0, -ENODEV, -19, …',
  optional: false,
  parse: parseErrno,
  format: formatErrno,
  wire: signedWire(MAX_ERRNO, '0, a negated errno or a count'),
};

const integer: Field<number> = {
  kind: 'integer',
  expected: 'a whole number, decimal, maybe negative',
  optional: false,
  parse: (text) => (/^(?!-0+$)-?\d{1,15}$/.test(text) ? Number(text) : undefined),
  format: String,
  wire: signedWire(10 ** 15 - 1),
};

/** A kind that is text in every format; `expected` says which. */
const written = <T>(
  kind: string,
  expected: string,
  parse: (text: string) => T | undefined,
  format: (value: T) => string,
): Field<T> => ({ kind, expected, optional: false, parse, format, wire: textWire(parse, format, expected) });

const same = (value: string): string => value;

const text: Field<string> = { ...written('text', 'text', same, same), wire: textWire(same, same) };

/** One of the given names; where all of them are numbers, protobuf has the number. */
const oneOf = <const T extends string>(...names: readonly T[]): Field<T> => {
  const parse = (value: string): T | undefined => names.find((name) => name === value);
  const kind = names.join(' | ');
  const wire: Wire<T> = names.every((name) => /^\d{1,9}$/.test(name))
    ? { type: 'uint32', meaning: kind, toWire: Number, fromWire: (value) => parse(String(value)) }
    : textWire(parse, same, kind);
  return { kind, expected: `one of ${names.join(', ')}`, optional: false, parse, format: same, wire };
};

const namedBits = (names: Readonly<Record<string, number>>): string =>
  Object.entries(names)
    .map(([name, bit]) => `${name}=${bit}`)
    .join(' ');

/** A set of named bits, written `extfn|virtfn` or as a number. */
const flags = (names: Readonly<Record<string, number>>): Field<number> => ({
  kind: `flags ${namedBits(names)}`,
  expected: `a number, or names out of ${Object.keys(names).join(', ')} joined by |`,
  optional: false,
  parse: (value) => {
    if (NUMBER.test(value)) return Number(value) <= 0xffffffff ? Number(value) : undefined;
    let sum = 0;
    for (const name of value.split('|')) {
      const bit = Object.hasOwn(names, name) ? names[name] : undefined;
      if (bit === undefined) return undefined;
      if (Math.floor(sum / bit) % 2 === 0) sum += bit;
    }
    return sum;
  },
  format: (value) => {
    const set = Object.entries(names).filter(([, bit]) => bit > 0 && Math.floor(value / bit) % 2 === 1);
    const known = set.reduce((sum, [, bit]) => sum + bit, 0);
    return known === value && value !== 0 ? set.map(([name]) => name).join('|') : String(value);
  },
  wire: { ...unsignedWire(0xffffffff), meaning: namedBits(names) },
});

/** The same field, which a row may leave out. */
const optional = <T>(field: Field<T>): Field<T | undefined> => ({
  ...field,
  optional: true,
  format: (value) => (value === undefined ? '' : field.format(value)),
  // What is absent is not written.
  wire: field.wire as Wire<T | undefined>,
});

/** The kinds of field that operations are declared with. */
export const field = {
  u8: unsigned('u8', 0xff),
  u16: unsigned('u16', 0xffff),
  u32: unsigned('u32', 0xffffffff),
  /** Up to 2^52 - 1: frame numbers and counts of frames. */
  frame: unsigned('frame', 2 ** 52 - 1),
  unsigned,
  u64,
  sbdf,
  domain,
  errno,
  integer,
  text,
  written,
  oneOf,
  flags,
  optional,
};

/**
 * Fields every event may have, whatever its operation; none of them influences the model.
 * `seq` defaults to the row number; `time` in ns; `ret` recorded or expected result; `note` a comment.
 */
export const ENVELOPE = {
  seq: optional(unsigned('seq', Number.MAX_SAFE_INTEGER)),
  time: optional(u64),
  ret: optional(errno),
  note: optional(text),
} as const satisfies FieldSet;
