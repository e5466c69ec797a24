// SPDX-License-Identifier: GPL-2.0-only
import { formatErrno, parseErrno } from '../num/errno.ts';
import { formatSbdf, parseSbdf, type Sbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';

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
};

const sbdf: Field<Sbdf> = {
  kind: 'sbdf',
  expected: 'segment:bus:device.function such as 0000:03:10.0',
  optional: false,
  parse: parseSbdf,
  format: formatSbdf,
};

/** Names of domains: `d0` … `d32767`, `xen` (DomXEN), `io` (DomIO). */
const DOMAIN = /^(?:d(?:0|[1-9]\d{0,4})|xen|io)$/;

const domain: Field<string> = {
  kind: 'domain',
  expected: 'a domain: d0, d1, …, xen or io',
  optional: false,
  parse: (text) => (DOMAIN.test(text) ? text : undefined),
  format: (value) => value,
};

const errno: Field<number> = {
  kind: 'errno',
  expected: 'a result: 0, -ENODEV, -19, …',
  optional: false,
  parse: parseErrno,
  format: formatErrno,
};

const integer: Field<number> = {
  kind: 'integer',
  expected: 'a whole number, decimal, maybe negative',
  optional: false,
  parse: (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined),
  format: String,
};

const text: Field<string> = {
  kind: 'text',
  expected: 'text',
  optional: false,
  parse: (value) => value,
  format: (value) => value,
};

/** One of the given names. */
const oneOf = <const T extends string>(...names: readonly T[]): Field<T> => ({
  kind: names.join(' | '),
  expected: `one of ${names.join(', ')}`,
  optional: false,
  parse: (value) => names.find((name) => name === value),
  format: (value) => value,
});

/** A set of named bits, written `extfn|virtfn` or as a number. */
const flags = (names: Readonly<Record<string, number>>): Field<number> => ({
  kind: `flags ${Object.entries(names)
    .map(([name, bit]) => `${name}=${bit}`)
    .join(' ')}`,
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
});

/** The same field, which a row may leave out. */
const optional = <T>(field: Field<T>): Field<T | undefined> => ({
  ...field,
  optional: true,
  format: (value) => (value === undefined ? '' : field.format(value)),
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
