// SPDX-License-Identifier: GPL-2.0-only
import type { TraceEvent, TraceHeader } from '../engine/trace/operation.ts';
import { CHUNK_LENGTH } from './io.ts';
import type { TraceFormat } from './trace-format.ts';

/** What writes a trace record by record. */
interface Encoder {
  head(): string | Uint8Array;
  event(event: TraceEvent): string | Uint8Array;
  end(): string | Uint8Array;
}

const encoderOf = async (format: TraceFormat, header: TraceHeader, events: Iterable<TraceEvent>): Promise<Encoder> => {
  const { OPERATIONS } = await import('../engine/ops/index.ts');
  switch (format) {
    case 'csv': {
      const { CsvRowWriter, csvHead, usedColumns } = await import('../engine/trace/write-csv.ts');
      const columns = usedColumns(events, OPERATIONS);
      const writer = new CsvRowWriter(columns, OPERATIONS);
      return { head: () => csvHead(header, columns), event: (event) => writer.row(event), end: () => '' };
    }
    case 'json-lines': {
      const { JsonLinesWriter, jsonLinesHead } = await import('../engine/trace/write-json-lines.ts');
      const writer = new JsonLinesWriter(OPERATIONS);
      return { head: () => jsonLinesHead(header), event: (event) => writer.line(event), end: () => '' };
    }
    case 'protobuf': {
      const [{ ProtobufWriter }, { protobufSchema }] = await Promise.all([
        import('../engine/trace/protobuf/write.ts'),
        import('../engine/trace/protobuf/schema.ts'),
      ]);
      const writer = new ProtobufWriter(protobufSchema(OPERATIONS));
      return {
        head: () => writer.head(header),
        event: (event) => writer.event(event),
        end: () => writer.end(header),
      };
    }
  }
};

function* recordsOf(encoder: Encoder, events: Iterable<TraceEvent>): Generator<string | Uint8Array> {
  yield encoder.head();
  for (const event of events) yield encoder.event(event);
  yield encoder.end();
}

/** Records put together to pieces of about {@link CHUNK_LENGTH} bytes. */
function* chunksOf(records: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  let waiting: Buffer[] = [];
  let length = 0;
  for (const record of records) {
    const bytes = Buffer.from(record);
    waiting.push(bytes);
    length += bytes.length;
    if (length < CHUNK_LENGTH) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    length = 0;
  }
  yield Buffer.concat(waiting);
}

/**
 * A trace in one of the formats, in pieces. For CSV `events` are gone through once before, for the columns they use; the
 * pieces go through them once.
 */
export const encodePieces = async (
  format: TraceFormat,
  header: TraceHeader,
  events: Iterable<TraceEvent>,
): Promise<Iterable<Uint8Array>> => chunksOf(recordsOf(await encoderOf(format, header, events), events));

/** A whole trace in one of the formats. */
export const encodeTrace = async (
  format: TraceFormat,
  header: TraceHeader,
  events: readonly TraceEvent[],
): Promise<Uint8Array> => Buffer.concat([...(await encodePieces(format, header, events))]);
