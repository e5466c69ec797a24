// SPDX-License-Identifier: GPL-2.0-only
import type { TraceEvent, TraceHeader } from '../engine/trace/operation.ts';
import type { TraceFormat } from './trace-format.ts';

/** A whole trace in one of the formats. */
export const encodeTrace = async (
  format: TraceFormat,
  header: TraceHeader,
  events: readonly TraceEvent[],
): Promise<string | Uint8Array> => {
  const { OPERATIONS } = await import('../engine/ops/index.ts');
  switch (format) {
    case 'csv':
      return (await import('../engine/trace/write-csv.ts')).formatCsv(header, events, OPERATIONS);
    case 'json-lines':
      return (await import('../engine/trace/write-json-lines.ts')).formatJsonLines(header, events, OPERATIONS);
    case 'protobuf': {
      const [{ formatProtobuf }, { protobufSchema }] = await Promise.all([
        import('../engine/trace/protobuf/write.ts'),
        import('../engine/trace/protobuf/schema.ts'),
      ]);
      return formatProtobuf(header, events, protobufSchema(OPERATIONS));
    }
  }
};
