// SPDX-License-Identifier: GPL-2.0-only
import { type Field, field } from '../trace/field.ts';

/** Who does it, and on which of its vCPUs; fields that most operations share. */
export const ACTOR = { dom: field.domain, vcpu: field.optional(field.unsigned('vcpu', 8191)) } as const;

/** A register of config space; a little more than there is, so that refused accesses can be traced. */
export const register = field.unsigned('register', 0xffff);

const sizeOf = (kind: string, sizes: readonly number[]): Field<number> => {
  const unsigned = field.unsigned(kind, Math.max(...sizes));
  return {
    ...unsigned,
    expected: `a size in bytes: ${sizes.join(', ')}`,
    parse: (text) => sizes.find((size) => size === unsigned.parse(text)),
    wire: { ...unsigned.wire, meaning: sizes.join(' | '), fromWire: (value) => sizes.find((size) => size === value) },
  };
};

/** Bytes of an access of 1 to 4. */
export const smallSize = sizeOf('size 1-4', [1, 2, 3, 4]);

/** Bytes of an access that protocols know. */
export const wordSize = sizeOf('size 1, 2 or 4', [1, 2, 4]);

/** Bytes of an access to memory. */
export const memorySize = sizeOf('size 1, 2, 4 or 8', [1, 2, 4, 8]);

/** Bytes of an access that Xen is to judge. */
export const anySize = field.unsigned('size', 64);

/** On reads: the recorded or expected value, which does not influence the model. */
export const recordedValue = field.optional(field.u64);

/** Where an access to memory went, as it was recorded; does not influence the model. */
export const recordedRoute = field.optional(field.oneOf('none', 'msix', 'ecam', 'direct'));
