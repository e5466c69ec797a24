// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';

/** How protobuf declares a field. Signed numbers are written in zig-zag. */
export type WireType = 'uint32' | 'uint64' | 'sint32' | 'sint64' | 'string';

/** What stands in a message: a number, a bigint where a number would not be exact, or text. */
export type WireValue = number | bigint | string;

/** How values of one kind are written in protobuf. */
export interface Wire<T> {
  readonly type: WireType;
  /** For the comment in the schema; undefined: the type says all. */
  readonly meaning: string | undefined;
  toWire(value: T): WireValue;
  /** `value` was read as `type` says. undefined: not of this kind. */
  fromWire(value: WireValue): T | undefined;
}

const MAX_U32 = 0xffffffff;

export const unsignedWire = (max: number): Wire<number> => ({
  type: max <= MAX_U32 ? 'uint32' : 'uint64',
  meaning: max === MAX_U32 ? undefined : `at most ${hex(max)}`,
  toWire: (value) => value,
  fromWire: (value) => (typeof value === 'number' && value <= max ? value : undefined),
});

/** Signed numbers from -`max` to `max`. */
export const signedWire = (max: number, meaning?: string): Wire<number> => ({
  type: max <= MAX_U32 ? 'sint32' : 'sint64',
  meaning,
  toWire: (value) => value,
  fromWire: (value) => (typeof value === 'number' && Math.abs(value) <= max ? value : undefined),
});

export const u64Wire: Wire<bigint> = {
  type: 'uint64',
  meaning: undefined,
  toWire: (value) => value,
  fromWire: BigInt,
};

export const sbdfWire: Wire<Sbdf> = {
  type: 'uint32',
  meaning: 'segment << 16 | bus << 8 | device << 3 | function',
  toWire: (value) => value,
  // Any 32 bits are an SBDF.
  fromWire: (value) => (typeof value === 'number' && value <= MAX_U32 ? (value as Sbdf) : undefined),
};

/** Xen's reserved domain numbers that have names here (xen/include/public/xen.h: DOMID_IO, DOMID_XEN). */
const RESERVED_DOMIDS: ReadonlyMap<string, number> = new Map([
  ['io', 0x7ff1],
  ['xen', 0x7ff2],
]);
const MAX_DOMID = 0xffff;

const nameOf = (domid: number): string =>
  [...RESERVED_DOMIDS].find(([, reserved]) => reserved === domid)?.[0] ?? `d${domid}`;

const domidOf = (name: string): number => RESERVED_DOMIDS.get(name) ?? Number(name.slice(1));

const DOMAIN = /^(?:d(?:0|[1-9]\d{0,4})|xen|io)$/;

/**
 * Whether `name` is `d0` … `d65535`, `xen` (DomXEN) or `io` (DomIO). Any 16-bit number may name a backend, whether Xen gives
 * it out or not; the two with names go by these alone.
 */
export const isDomainName = (name: string): boolean =>
  DOMAIN.test(name) && domidOf(name) <= MAX_DOMID && nameOf(domidOf(name)) === name;

export const domainWire: Wire<string> = {
  type: 'uint32',
  meaning: 'domid_t, with 0x7ff1 for DomIO and 0x7ff2 for DomXEN',
  toWire: domidOf,
  fromWire: (value) => (typeof value === 'number' && value <= MAX_DOMID ? nameOf(value) : undefined),
};

/** Text as it is in the text formats. */
export const textWire = <T>(
  parse: (text: string) => T | undefined,
  format: (value: T) => string,
  meaning?: string,
): Wire<T> => ({
  type: 'string',
  meaning,
  toWire: format,
  fromWire: (value) => (typeof value === 'string' ? parse(value) : undefined),
});
