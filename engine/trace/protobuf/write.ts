// SPDX-License-Identifier: GPL-2.0-only
import protobuf, { type Writer } from 'protobufjs/minimal.js';
import { crc32 } from '../../num/crc32.ts';
import { highHalf, lowHalf } from '../../num/u64.ts';
import { ENVELOPE, type Field } from '../field.ts';
import { RECORDING, TRACE_VERSION } from '../header.ts';
import type { Declaration, TraceEvent, TraceHeader } from '../operation.ts';
import type { WireValue } from '../wire.ts';
import { DIRECTIVE_FIELD, END_FIELD, HEADER_FIELD, HEADER_LINES } from './decode-header.ts';
import { isSigned, RECORD_TAG, type Schema, tagOf, WIRE_TYPE } from './schema.ts';
import { toZigZag } from './varint.ts';

/** A field of one operation with its tag. */
interface Slot {
  readonly name: string;
  readonly field: Field<unknown>;
  readonly tag: number;
}

const putText = (writer: Writer, number: number, text: string | undefined): void => {
  if (text !== undefined) writer.uint32(tagOf(number, WIRE_TYPE.lengthDelimited)).string(text);
};

const putNumber = (writer: Writer, value: number | bigint): void => {
  writer.uint64(typeof value === 'number' ? value : { low: lowHalf(value), high: highHalf(value), unsigned: true });
};

const putWire = (writer: Writer, { field, tag }: Slot, value: WireValue): void => {
  writer.uint32(tag);
  if (typeof value === 'string') writer.string(value);
  else putNumber(writer, isSigned(field.wire.type) ? toZigZag(Number(value)) : value);
};

/**
 * Writes a protobuf trace record by record, for traces that do not fit in memory: `head`, then `event` for each of them,
 * then `end`. All that was written is in the checksum at the end.
 */
export class ProtobufWriter {
  readonly #schema: Schema;
  readonly #plans = new Map<string, readonly Slot[]>();
  #row = 0;
  #crc = 0;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  head({ title, machine, machineText, directives }: TraceHeader): Uint8Array {
    const lines: Readonly<Record<string, string | undefined>> = { ...directives, title, machine };
    return this.#record(RECORD_TAG.header, (writer) => {
      writer.uint32(tagOf(HEADER_FIELD.version, WIRE_TYPE.varint)).uint32(TRACE_VERSION);
      for (const [number, key] of HEADER_LINES) putText(writer, number, lines[key]);
      putText(writer, HEADER_FIELD.machineText, machineText);
      const named = new Set<string>([...HEADER_LINES.map(([, key]) => key), RECORDING.complete, RECORDING.lost]);
      for (const [key, value] of Object.entries(directives)) {
        if (named.has(key)) continue;
        writer.uint32(tagOf(HEADER_FIELD.directives, WIRE_TYPE.lengthDelimited)).fork();
        putText(writer, DIRECTIVE_FIELD.key, key);
        putText(writer, DIRECTIVE_FIELD.value, value);
        writer.ldelim();
      }
    });
  }

  event(event: TraceEvent): Uint8Array {
    this.#row += 1;
    const { op, args } = event;
    const number = this.#schema.opNumber.get(op);
    if (number === undefined) throw new Error(`no operation ${op}`);
    const values = { ...args, time: event.time, ret: event.ret, note: event.note };
    const given: Readonly<Record<string, unknown>> = event.seq === this.#row ? values : { ...values, seq: event.seq };
    return this.#record(RECORD_TAG.event, (writer) => {
      writer.uint32(tagOf(1, WIRE_TYPE.varint)).uint32(number);
      for (const slot of this.#slotsOf(op)) {
        const value = given[slot.name];
        if (value !== undefined) putWire(writer, slot, slot.field.wire.toWire(value));
      }
    });
  }

  /** What is written last; `header`: the same, with what is known of the recording now. */
  end({ directives }: TraceHeader): Uint8Array {
    const { [RECORDING.complete]: complete, [RECORDING.lost]: lost } = directives;
    const end =
      complete === undefined && lost === undefined
        ? new Uint8Array()
        : this.#record(RECORD_TAG.end, (writer) => {
            if (complete !== undefined)
              writer.uint32(tagOf(END_FIELD.complete, WIRE_TYPE.varint)).bool(complete === 'yes');
            if (lost !== undefined) putNumber(writer.uint32(tagOf(END_FIELD.lost, WIRE_TYPE.varint)), Number(lost));
          });
    const checksum = protobuf.Writer.create().uint32(RECORD_TAG.crc32).fixed32(this.#crc).finish();
    return Uint8Array.from([...end, ...checksum]);
  }

  #record(tag: number, fill: (writer: Writer) => void): Uint8Array {
    const writer = protobuf.Writer.create().uint32(tag).fork();
    fill(writer);
    const bytes = writer.ldelim().finish();
    this.#crc = crc32(bytes, this.#crc);
    return bytes;
  }

  /** In the order of their numbers, as every writer of protobuf has it. */
  #slotsOf(op: string): readonly Slot[] {
    const known = this.#plans.get(op);
    if (known !== undefined) return known;
    const declaration: Declaration | undefined = this.#schema.registry.get(op);
    const slots = Object.entries({ ...ENVELOPE, ...declaration?.fields })
      .map(([name, field]): Slot => ({ name, field, tag: this.#schema.tag(name, field) }))
      .sort((a, b) => a.tag - b.tag);
    this.#plans.set(op, slots);
    return slots;
  }
}

/** A whole protobuf trace. */
export const formatProtobuf = (header: TraceHeader, events: readonly TraceEvent[], schema: Schema): Uint8Array => {
  const writer = new ProtobufWriter(schema);
  const records = [writer.head(header), ...events.map((event) => writer.event(event)), writer.end(header)];
  const bytes = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
};
