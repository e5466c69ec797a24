// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';

/*
 * Kinds of value in a machine file. The message of every issue is what was expected there, without the value that was
 * got; of an unknown key it is the names of the known ones, separated by `, `. Whoever reports them adds the rest.
 */

const kind = (expected: string) => ({ error: expected });

/** A whole number from `min` to `max`. */
export const integer = (min: number, max: number, expected: string) =>
  z.int(kind(expected)).min(min, kind(expected)).max(max, kind(expected)).meta({ description: expected });

export const text = (pattern: RegExp, expected: string) =>
  z.string(kind(expected)).regex(pattern, kind(expected)).meta({ description: expected });

export const flag = (meaning: string) => z.boolean(kind('true or false')).meta({ description: meaning });

export const oneOf = <const T extends readonly (string | number)[]>(values: T) =>
  z.literal(values, kind(values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`));

/** A map with these keys and no others. */
export const record = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) => {
      const keys = Object.keys(shape).join(', ');
      return issue.code === 'unrecognized_keys' ? keys : `a map with keys out of ${keys}`;
    },
  });

/** A list of at most `max` items. */
export const listOf = <T extends z.ZodType>(item: T, max: number, expected: string) =>
  z.array(item, kind(expected)).max(max, kind(`at most ${max} items`));

export const dword = integer(0, 0xffffffff, 'a 32-bit number');

const REGISTER = 'a register offset: a multiple of 4 from 0 to 0xffc';

export const register = integer(0, 0xffc, REGISTER).multipleOf(4, kind(REGISTER));

/** Registers by offset. Keys are text here: YAML's number 0x10 is the key "16". */
export const dwords = z.record(z.string().regex(/^(?:0[xX][0-9a-fA-F]{1,4}|[0-9]{1,4})$/), dword, {
  error: (issue) => (issue.code === 'invalid_key' ? REGISTER : 'a map of register offsets to 32-bit numbers'),
});

/** A union of which one member fits but for its range answers that member's issue: each says what is expected. */
const big = (expected: string) =>
  z
    .union(
      [z.int(kind(expected)).min(0, kind(expected)), z.string().regex(/^0x[0-9a-fA-F]{1,16}$/, kind(expected))],
      kind(expected),
    )
    .meta({ description: expected });

/** Up to 64 bits. YAML numbers are exact up to 2^53. */
export const address = big('an address: a number, or from 2^53 on text such as "0xffff000000000000"');

export const size = big('a size in bytes: a number, or from 2^53 on text such as "0x40000000000000"');

export const sbdfText = text(
  /^(?:[0-9a-fA-F]{1,4}:)?[0-9a-fA-F]{1,2}:[01]?[0-9a-fA-F]\.[0-7]$/,
  'an SBDF such as "0000:03:00.0"',
);

/** A BAR's fields but for the ones that only some BARs have. */
const barShape = {
  kind: oneOf(['mem32', 'mem64', 'io']),
  address: address.optional(),
  size,
  prefetchable: flag('memory BARs only').optional(),
};

/** BARs by number; a mem64 BAR takes the next number too. */
export const bars = record({
  0: record(barShape).optional(),
  1: record(barShape).optional(),
  2: record(barShape).optional(),
  3: record(barShape).optional(),
  4: record(barShape).optional(),
  5: record(barShape).optional(),
});
