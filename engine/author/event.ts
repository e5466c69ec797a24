// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';
import { OPERATIONS, type OperationFields } from '../ops/index.ts';
import { EventDecoder } from '../trace/decode-event.ts';
import type { Field } from '../trace/field.ts';
import type { TraceEvent } from '../trace/operation.ts';
import { ProblemList } from '../trace/problem-list.ts';
import { badCharacter } from '../trace/text-input.ts';
import { refuse } from './refuse.ts';

/** Name of an operation. */
export type OperationName = keyof OperationFields;

type ValueOf<F> = F extends Field<infer T> ? T : never;

/** What a field of values `T` may be given as: its text or, where that is a number, a number or a bigint. */
type Given<T> = T extends Sbdf | readonly unknown[]
  ? string
  : T extends number | bigint
    ? string | number | bigint
    : T extends `${infer N extends number}`
      ? T | N
      : T;

type RequiredIn<F> = { [K in keyof F]: undefined extends ValueOf<F[K]> ? never : K }[keyof F];

type FieldsIn<F> = [keyof F] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [K in RequiredIn<F>]: Given<ValueOf<F[K]>> } & {
      readonly [K in Exclude<keyof F, RequiredIn<F>>]?: Given<ValueOf<F[K]>> | undefined;
    };

/** The fields of an operation, as {@link event} takes them. */
export type EventFields<N extends OperationName> = FieldsIn<OperationFields[N]>;

/** What any event may have besides, none of which influences the model. */
export interface EventRemarks {
  /** The result that was recorded, or is expected: `0`, `'-ENODEV'`, `-19`. */
  readonly ret?: string | number | undefined;
  readonly note?: string | undefined;
}

/** An event that has no number yet; a trace gives it one. */
export type AuthoredEvent = Omit<TraceEvent, 'seq'>;

type Further<N extends OperationName> =
  RequiredIn<OperationFields[N]> extends never
    ? [fields?: EventFields<N>, remarks?: EventRemarks]
    : [fields: EventFields<N>, remarks?: EventRemarks];

/** The line of the program that gave it is in the stack of the error. */
const NOWHERE = { line: 1, column: undefined };

/** Decimal, which every kind of number reads. */
const textOf = (op: string, name: string, value: unknown): string => {
  if (typeof value === 'string') {
    const bad = badCharacter(value);
    return bad === undefined ? value : refuse(`${op}: ${name}: ${bad.message}`);
  }
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value);
  const given = typeof value === 'number' ? String(value) : typeof value;
  return refuse(`${op}: ${name}: expected text, a whole number below 2^53 or a bigint; got ${given}`);
};

/**
 * An event of a trace, its fields given as a trace has them or as numbers. They are read as those of a row of CSV are,
 * so that the same is refused in the same words, as a TypeError. Operations and their fields are those of `hvreplay ops`.
 *
 *     event('cfg.write', { dom: 'd0', sbdf: '0000:03:00.0', reg: 0x4, size: 2, value: 0x2 }, { note: 'memory decoding' })
 */
export const event = <N extends OperationName>(op: N, ...[fields, remarks]: Further<N>): AuthoredEvent => {
  const given = Object.entries({ ...fields, ...remarks }).filter(([, value]) => value !== undefined);
  const problems = new ProblemList();
  const decoder = new EventDecoder(OPERATIONS, ['op', ...given.map(([name]) => name)], problems);
  const cells = [op, ...given.map(([name, value]) => textOf(op, name, value))];
  const decoded = decoder.decode(cells, () => NOWHERE);
  if (decoded === undefined)
    return refuse(
      problems
        .list()
        .map(({ message }) => `${op}: ${message}`)
        .join('\n'),
    );
  const { seq, ...authored } = decoded;
  return authored;
};
