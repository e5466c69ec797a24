// SPDX-License-Identifier: GPL-2.0-only
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatMachine } from '../engine/machine/write.ts';
import { OPERATIONS } from '../engine/ops/index.ts';
import type { TraceEvent, TraceHeader } from '../engine/trace/operation.ts';
import { protobufSchema } from '../engine/trace/protobuf/schema.ts';
import { ProtobufWriter } from '../engine/trace/protobuf/write.ts';
import { CsvRowWriter, csvHead } from '../engine/trace/write-csv.ts';
import { JsonLinesWriter, jsonLinesHead } from '../engine/trace/write-json-lines.ts';
import { ACCESS_KINDS, type AccessKind, accesses, machineOf, setUp } from './workloads.ts';

/** Writes a trace of any length, with its machine in it, event by event: `write-trace.js --events 5000000 t.pb`. */

const COLUMNS = ['op', 'dom', 'vcpu', 'sbdf', 'reg', 'size', 'value'];
const FLUSH_BYTES = 2 ** 20;

type Piece = Uint8Array | string;

function* pieces(path: string, header: TraceHeader, events: Iterable<TraceEvent>): Generator<Piece> {
  if (path.endsWith('.pb')) {
    const writer = new ProtobufWriter(protobufSchema(OPERATIONS));
    yield writer.head(header);
    for (const event of events) yield writer.event(event);
    yield writer.end(header);
  } else if (path.endsWith('.csv')) {
    const writer = new CsvRowWriter(COLUMNS, OPERATIONS);
    yield csvHead(header, COLUMNS);
    for (const event of events) yield writer.row(event);
  } else {
    const writer = new JsonLinesWriter(OPERATIONS);
    yield jsonLinesHead(header);
    for (const event of events) yield writer.line(event);
  }
}

function* eventsOf(kind: AccessKind, devices: number, count: number): Generator<TraceEvent> {
  yield* setUp(devices);
  yield* accesses(kind, devices, count);
}

/** `path`: its extension says the format. */
export const writeTrace = (path: string, kind: AccessKind, devices: number, count: number): void => {
  const header: TraceHeader = {
    ...{ version: 1, title: `${count} ${kind}, ${devices} devices`, machine: undefined },
    ...{ machineText: formatMachine(machineOf(devices)), directives: {} },
  };
  const descriptor = openSync(path, 'w');
  let waiting: Buffer[] = [];
  let length = 0;
  const flush = (): void => {
    const bytes = Buffer.concat(waiting);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    waiting = [];
    length = 0;
  };
  for (const piece of pieces(path, header, eventsOf(kind, devices, count))) {
    waiting.push(Buffer.from(piece));
    length += piece.length;
    if (length > FLUSH_BYTES) flush();
  }
  flush();
  closeSync(descriptor);
};

const main = (argv: readonly string[]): void => {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      events: { type: 'string', default: '5000000' },
      devices: { type: 'string', default: '32' },
      kind: { type: 'string', default: 'reads' },
    },
  });
  const [path] = positionals;
  const kind = ACCESS_KINDS.find((known) => known === values.kind);
  if (path === undefined || kind === undefined) throw new Error('write-trace.js [--kind reads|writes|toggles] FILE');
  writeTrace(path, kind, Number(values.devices), Number(values.events));
};

if (import.meta.filename === process.argv[1]) main(process.argv.slice(2));
