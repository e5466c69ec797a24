// SPDX-License-Identifier: GPL-2.0-only
import type { Reader } from 'protobufjs/minimal.js';
import { seqProblem, superfluousField } from '../decode-event.ts';
import { ENVELOPE, type Field } from '../field.ts';
import { objectMaker } from '../object-maker.ts';
import type { Declaration, TraceEvent } from '../operation.ts';
import { quoted } from '../problem-list.ts';
import { badText } from '../text-input.ts';
import type { WireValue } from '../wire.ts';
import { isSigned, type Schema, tagOf, WIRE_TYPE } from './schema.ts';
import { fromZigZag, isMalformed, readVarint } from './varint.ts';

/** A field of one operation, with what was read last: most fields repeat. */
interface Slot {
  readonly name: string;
  readonly field: Field<unknown>;
  /** Its place among the values of an event. */
  readonly at: number;
  readonly encoding: 'text' | 'signed' | 'unsigned';
  lastWire: WireValue | undefined;
  lastValue: unknown;
}

/** How events of one operation are decoded. */
interface Plan {
  readonly declaration: Declaration;
  readonly required: readonly Slot[];
  /** These and all others by tag. */
  readonly byTag: readonly (Slot | undefined)[];
  /** Of one event, by {@link Slot.at}; used again for the next. */
  readonly values: unknown[];
  readonly makeArgs: ReturnType<typeof objectMaker>;
}

const OP_TAG = tagOf(1, WIRE_TYPE.varint);

/** The places of `seq`, `time`, `ret` and `note` among the values; arguments follow. */
const ENVELOPE_NAMES = ['seq', 'time', 'ret', 'note'] as const;
const [SEQ, TIME, RET, NOTE] = [0, 1, 2, 3] as const;

const makePlan = (declaration: Declaration, schema: Schema): Plan => {
  const { fields } = declaration;
  const slots = [...ENVELOPE_NAMES.map((name) => [name, ENVELOPE[name]] as const), ...Object.entries(fields)].map(
    ([name, field], at): Slot => ({
      ...{ name, field, at, lastWire: undefined, lastValue: undefined },
      encoding: field.wire.type === 'string' ? 'text' : isSigned(field.wire.type) ? 'signed' : 'unsigned',
    }),
  );
  const byTag: (Slot | undefined)[] = [];
  for (const slot of slots) byTag[schema.tag(slot.name, slot.field)] = slot;
  return {
    ...{ declaration, byTag: Array.from(byTag), values: slots.map(() => undefined) },
    required: slots.filter(({ field }) => !field.optional),
    makeArgs: objectMaker(Object.keys(fields), ENVELOPE_NAMES.length),
  };
};

const readWire = (reader: Reader, { encoding }: Slot): WireValue => {
  if (encoding === 'text') return reader.string();
  const value = readVarint(reader);
  return encoding === 'signed' ? fromZigZag(value) : value;
};

/** Reads messages `Event`. What is wrong is told to `report`, and then there is no event. */
export class EventReader {
  readonly #schema: Schema;
  readonly #report: (message: string) => void;
  readonly #plans = new Map<number, Plan>();
  #row = 0;
  #lastSeq = 0;
  #faults = 0;

  constructor(schema: Schema, report: (message: string) => void) {
    this.#schema = schema;
    this.#report = report;
  }

  /** The number of the event that was read last, counted from 1. */
  get row(): number {
    return this.#row;
  }

  /** Reads the message that ends where the reader's data ends. */
  read(reader: Reader): TraceEvent | undefined {
    this.#row += 1;
    this.#faults = 0;
    try {
      const plan = this.#planOf(reader);
      return plan === undefined ? undefined : this.#readFields(reader, plan);
    } catch (error) {
      if (!isMalformed(error)) throw error;
      this.#fault('a number or text that does not end within the event');
      return undefined;
    }
  }

  #fault(message: string): void {
    this.#faults += 1;
    this.#report(message);
  }

  /** The operation, which as the field of the lowest number comes first; leaves the reader behind it. */
  #planOf(reader: Reader): Plan | undefined {
    if (reader.pos >= reader.len || reader.tag() !== OP_TAG) {
      this.#fault('the event does not begin with its operation; expected the field op first');
      return undefined;
    }
    const number = reader.uint32();
    const known = this.#plans.get(number);
    if (known !== undefined) return known;
    const declaration = this.#schema.opByNumber.get(number);
    if (declaration === undefined) {
      this.#fault(`op: unknown operation ${number}; expected one of the schema's`);
      return undefined;
    }
    const plan = makePlan(declaration, this.#schema);
    this.#plans.set(number, plan);
    return plan;
  }

  #readFields(reader: Reader, plan: Plan): TraceEvent | undefined {
    const { values, byTag, declaration } = plan;
    values.fill(undefined);
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      const slot = byTag[tag];
      if (slot === undefined) {
        this.#unexpectedTag(tag, declaration);
        return undefined;
      }
      const value = this.#value(slot, readWire(reader, slot));
      if (values[slot.at] !== undefined) this.#fault(`${slot.name}: given twice; expected it once`);
      values[slot.at] = value;
    }
    if (this.#faults === 0)
      for (const { name, at, field } of plan.required)
        if (values[at] === undefined) this.#fault(`${name}: missing; ${declaration.name} needs ${field.expected}`);
    const args = plan.makeArgs(values);
    const { [TIME]: time, [RET]: ret, [NOTE]: note } = values;
    const event = { seq: this.#seq(values[SEQ]), op: declaration.name, args, time, ret, note };
    // The four values of the envelope were made by the fields of ENVELOPE.
    return this.#faults === 0 ? (event as TraceEvent) : undefined;
  }

  #value(slot: Slot, wire: WireValue): unknown {
    if (wire === slot.lastWire) return slot.lastValue;
    const { name, field } = slot;
    const bad = typeof wire === 'string' ? badText(wire) : undefined;
    const value = bad === undefined ? field.wire.fromWire(wire) : undefined;
    if (value === undefined) {
      const got = typeof wire === 'string' ? quoted(wire) : String(wire);
      this.#fault(`${name}: ${bad ?? `expected ${field.expected}; got ${got}`}`);
      return undefined;
    }
    slot.lastWire = wire;
    slot.lastValue = value;
    return value;
  }

  #unexpectedTag(tag: number, declaration: Declaration): void {
    const number = Math.floor(tag / 8);
    const known = this.#schema.fields.find((one) => one.number === number);
    if (tag === OP_TAG) this.#fault('op: given twice; expected it once');
    else if (known === undefined)
      this.#fault(`field ${number} is unknown; expected the schema's fields (a newer version may know more)`);
    else if (known.uses.some(({ op }) => op === declaration.name || op === ''))
      this.#fault(`${known.protoName}: wire type ${tag % 8}; expected ${known.type}`);
    else this.#fault(superfluousField(known.protoName, declaration));
  }

  #seq(given: unknown): number {
    const seq = typeof given === 'number' ? given : this.#row;
    if (seq > this.#lastSeq) this.#lastSeq = seq;
    else this.#fault(seqProblem(seq, this.#lastSeq, given !== undefined));
    return seq;
  }
}
