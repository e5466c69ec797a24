// SPDX-License-Identifier: GPL-2.0-only
import protobuf, { type Reader } from 'protobufjs/minimal.js';
import { crc32 } from '../../num/crc32.ts';
import { type Chunk, type DecodedTrace, decodeWhole, slices, type TraceDecoder } from '../decoder.ts';
import { RECORDING, withDirectives } from '../header.ts';
import { MAX_EVENT_BYTES, MAX_MACHINE_CHARS } from '../limits.ts';
import type { TraceEvent, TraceHeader } from '../operation.ts';
import type { Parsed, Problem } from '../problem.ts';
import { ProblemList } from '../problem-list.ts';
import { ByteQueue } from './byte-queue.ts';
import { EventReader } from './decode-event.ts';
import { readEnd, readHeader } from './decode-header.ts';
import { RECORD_TAG, type Schema } from './schema.ts';
import { isMalformed } from './varint.ts';

/** UTF-8 has up to three bytes for each UTF-16 unit. */
const MAX_HEADER_BYTES = 3 * MAX_MACHINE_CHARS + MAX_EVENT_BYTES;
const CRC_RECORD_BYTES = 5;
/** A tag and the longest length that the reader takes. */
const MAX_PREFIX_BYTES = 6;

const RECORD_NAME: ReadonlyMap<number, string> = new Map(Object.entries(RECORD_TAG).map(([name, tag]) => [tag, name]));

/** What may come next. */
type Stage = 'header' | 'events' | 'crc32' | 'nothing' | 'given up';

export interface ProtobufOptions {
  /** A recording that was cut off is taken for what is there, its header saying that it is not complete. */
  readonly allowTruncated?: boolean;
}

/**
 * Decodes a protobuf trace: the bytes of one message `Trace`, which are records one after the other. It goes on after a
 * fault within a record, not after one that leaves open where the next record begins.
 */
export class ProtobufDecoder implements TraceDecoder {
  readonly #problems = new ProblemList();
  readonly #queue = new ByteQueue();
  readonly #reader: Reader = protobuf.Reader.create(new Uint8Array());
  readonly #events: EventReader;
  readonly #allowTruncated: boolean;
  #header: TraceHeader | undefined;
  #stage: Stage = 'header';
  /** Of the record that is being read, in the file; every byte before it is good. */
  #offset = 0;
  #crc = 0;

  constructor(schema: Schema, { allowTruncated = false }: ProtobufOptions = {}) {
    this.#events = new EventReader(schema, (message) => this.#reportEvent(message));
    this.#allowTruncated = allowTruncated;
  }

  get header(): TraceHeader | undefined {
    return this.#header;
  }

  get problems(): readonly Problem[] {
    return this.#problems.list();
  }

  push(chunk: Chunk): TraceEvent[] {
    const out: TraceEvent[] = [];
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    for (const slice of slices(bytes)) {
      if (this.#stage === 'given up') return out;
      // Bytes come in slices of bytes.
      this.#queue.push(slice as Uint8Array);
      const data = this.#queue.take();
      if (data !== undefined) this.#takeRecords(data, out);
    }
    return out;
  }

  end(): TraceEvent[] {
    if (this.#stage === 'given up' || this.#stage === 'nothing') return [];
    const left = this.#queue.length;
    if (this.#stage === 'header')
      this.#report(left === 0 ? 'the file is empty; expected a header' : 'the file ends within its header');
    else if (this.#allowTruncated && this.#header !== undefined)
      this.#header = withDirectives(this.#header, { [RECORDING.complete]: 'no' });
    else
      this.#report(
        `the recording is cut off ${left === 0 ? 'here' : `within the record that begins here, ${left} bytes into it`}; ` +
          `all ${this.#offset} bytes before are good, ${this.#events.row} events (--allow-truncated takes those)`,
      );
    return [];
  }

  #add(message: string): void {
    this.#problems.add(() => ({ line: undefined, column: undefined, message }));
  }

  #report(message: string): void {
    this.#add(`byte ${this.#offset}: ${message}`);
  }

  #reportEvent(message: string): void {
    this.#add(`byte ${this.#offset}, event ${this.#events.row}: ${message}`);
  }

  #giveUp(message: string): undefined {
    this.#report(message);
    this.#stage = 'given up';
    return undefined;
  }

  /** All records that are complete; the rest is kept until there is more. */
  #takeRecords(data: Uint8Array, out: TraceEvent[]): void {
    const reader = this.#reader;
    reader.buf = data;
    const origin = this.#offset;
    let at = 0;
    let needed = 1;
    let covered = 0;
    while (at < data.length && this.#stage !== 'given up') {
      const end = this.#recordEnd(data, at);
      if (end === undefined) break;
      if (end > data.length) {
        needed = end - at;
        break;
      }
      if (data[at] === RECORD_TAG.crc32) {
        this.#crc = crc32(data.subarray(covered, at), this.#crc);
        covered = end;
        this.#checkCrc(at + 1);
      } else this.#takeRecord(data[at], end, out);
      at = end;
      this.#offset = origin + at;
    }
    this.#crc = crc32(data.subarray(covered, at), this.#crc);
    this.#queue.keep(data.subarray(at), needed);
  }

  /** Where the record at `at` ends, the reader standing at its content; undefined: not known yet, or given up. */
  #recordEnd(data: Uint8Array, at: number): number | undefined {
    const tag = data[at];
    const reader = this.#reader;
    reader.len = data.length;
    const objection = this.#objection(tag);
    if (objection !== undefined) return this.#giveUp(objection);
    if (tag === RECORD_TAG.crc32) return at + CRC_RECORD_BYTES;
    reader.pos = at + 1;
    try {
      const length = reader.size();
      const limit = tag === RECORD_TAG.header ? MAX_HEADER_BYTES : MAX_EVENT_BYTES;
      if (length > limit) return this.#giveUp(`a record of ${length} bytes; expected at most ${limit}`);
      return reader.pos + length;
    } catch (error) {
      if (!isMalformed(error)) throw error;
      if (data.length - at >= MAX_PREFIX_BYTES) this.#giveUp('a record whose length has more than 31 bits');
      return undefined;
    }
  }

  /** Why a record of this tag may not come now. */
  #objection(tag: number | undefined): string | undefined {
    const name = tag === undefined ? undefined : RECORD_NAME.get(tag);
    const stage = this.#stage;
    if (stage === 'nothing') return 'expected nothing after the checksum';
    if (name === undefined)
      return stage === 'header'
        ? `expected a header, which begins with the byte ${RECORD_TAG.header}; got ${tag}: this is no protobuf trace`
        : `expected an event, end or crc32, which begin with the byte ${RECORD_TAG.event}, ${RECORD_TAG.end} or ${RECORD_TAG.crc32}; got ${tag}`;
    if (stage === 'header') return name === 'header' ? undefined : `expected a header first; got ${name}`;
    if (name === 'header') return 'a second header; expected one';
    if (stage === 'crc32' && name !== 'crc32') return `expected crc32 after the end; got ${name}`;
    return undefined;
  }

  #takeRecord(tag: number | undefined, end: number, out: TraceEvent[]): void {
    const reader = this.#reader;
    reader.len = end;
    if (tag === RECORD_TAG.event) {
      const event = this.#events.read(reader);
      if (event !== undefined) out.push(event);
      return;
    }
    const report = (message: string): void => this.#report(message);
    try {
      if (tag === RECORD_TAG.header) {
        this.#stage = 'events';
        this.#header = readHeader(reader, this.#problems, report);
      } else {
        this.#stage = 'crc32';
        const said = readEnd(reader, report);
        if (this.#header !== undefined) this.#header = withDirectives(this.#header, said);
      }
    } catch (error) {
      if (!isMalformed(error)) throw error;
      this.#report(`${RECORD_NAME.get(tag ?? 0)}: a number or text that does not end within it`);
    }
  }

  #checkCrc(at: number): void {
    const reader = this.#reader;
    reader.pos = at;
    const given = reader.fixed32();
    if (given !== this.#crc)
      this.#report(
        `the checksum of all bytes before is ${this.#crc.toString(16)}; expected ${given.toString(16)}, which the recorder wrote: the file was changed or damaged`,
      );
    this.#stage = 'nothing';
  }
}

/** Decodes a whole protobuf trace; what is wrong with it is reported at once, as far as it can be read. */
export const decodeProtobuf = (
  input: Chunk | Iterable<Chunk>,
  schema: Schema,
  options: ProtobufOptions = {},
): Parsed<DecodedTrace> => decodeWhole(new ProtobufDecoder(schema, options), input);
