// SPDX-License-Identifier: GPL-2.0-only
import { ENVELOPE, type Field } from '../field.ts';
import type { Declaration, Registry } from '../operation.ts';
import type { WireType } from '../wire.ts';
import { NUMBERS, type Numbers, protoName } from './numbers.ts';

/** Wire types (protobuf's encoding specification, "Message structure"). */
export const WIRE_TYPE = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

/** What stands in front of a field: its number and how what follows is written. */
export const tagOf = (number: number, wireType: number): number => number * 8 + wireType;

/** The records that a trace is made of: the fields of the message `Trace`. */
export const RECORD_TAG = {
  header: tagOf(1, WIRE_TYPE.lengthDelimited),
  event: tagOf(2, WIRE_TYPE.lengthDelimited),
  end: tagOf(3, WIRE_TYPE.lengthDelimited),
  crc32: tagOf(4, WIRE_TYPE.fixed32),
} as const;

/** A field of the message `Event`, for all operations that have it. */
export interface EventField {
  readonly protoName: string;
  readonly number: number;
  /** The widest type that one of the operations needs. */
  type: WireType;
  /** What its values can be, by operation. */
  readonly uses: { readonly op: string; readonly field: Field<unknown> }[];
}

/** The message `Event` as the declarations of a registry make it. */
export interface Schema {
  readonly registry: Registry;
  readonly opNumber: ReadonlyMap<string, number>;
  readonly opByNumber: ReadonlyMap<number, Declaration>;
  /** In the order of their numbers. */
  readonly fields: readonly EventField[];
  /** The tag of an operation's field, or of one that every event may have. */
  tag(name: string, field: Field<unknown>): number;
}

export const isSigned = (type: WireType): boolean => type === 'sint32' || type === 'sint64';

const isEnvelope = (name: string): boolean => Object.hasOwn(ENVELOPE, name);

/** The name in protobuf; of the fields that every event may have none is there in two types. */
export const protoNameOf = (name: string, { wire }: Field<unknown>): string =>
  protoName(name, isSigned(wire.type) && !isEnvelope(name));

const WIDER: Readonly<Partial<Record<WireType, WireType>>> = { uint32: 'uint64', sint32: 'sint64' };

/** The schema of a registry's events. Throws if an operation or field has no number, or a name stands for two kinds of field: a defect of the tables. */
export const protobufSchema = (registry: Registry, numbers: Numbers = NUMBERS): Schema => {
  const fields = new Map<string, EventField>();
  const opNumber = new Map<string, number>();
  const numberOf = (table: Readonly<Record<string, number>>, name: string): number => {
    const number = Object.hasOwn(table, name) ? table[name] : undefined;
    if (number === undefined) throw new Error(`${name} has no number; numbers.ts needs one at the end of its list`);
    return number;
  };
  const add = (op: string, name: string, field: Field<unknown>): void => {
    const proto = protoNameOf(name, field);
    const { type } = field.wire;
    const known = fields.get(proto);
    if (known === undefined)
      fields.set(proto, { protoName: proto, number: numberOf(numbers.fields, proto), type, uses: [{ op, field }] });
    else {
      if (known.type !== type && WIDER[known.type] !== type && WIDER[type] !== known.type)
        throw new Error(`${op}: ${name} is ${type} here and ${known.type} elsewhere`);
      if (WIDER[known.type] === type) known.type = type;
      known.uses.push({ op, field });
    }
  };
  for (const [name, field] of Object.entries(ENVELOPE)) add('', name, field);
  for (const declaration of registry.values()) {
    opNumber.set(declaration.name, numberOf(numbers.ops, declaration.name));
    for (const [name, field] of Object.entries(declaration.fields)) {
      if (isEnvelope(name)) throw new Error(`${declaration.name}: ${name} is a field of every event`);
      add(declaration.name, name, field);
    }
  }
  return {
    ...{ registry, opNumber, fields: [...fields.values()].sort((a, b) => a.number - b.number) },
    opByNumber: new Map(
      [...registry.values()].map((declaration) => [opNumber.get(declaration.name) ?? 0, declaration]),
    ),
    tag: (name, field) =>
      tagOf(
        numberOf(numbers.fields, protoNameOf(name, field)),
        field.wire.type === 'string' ? WIRE_TYPE.lengthDelimited : WIRE_TYPE.varint,
      ),
  };
};
