// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url';
import { OPERATIONS } from '../engine/ops/index.ts';
import { answerTo, replayTrace } from '../engine/replay/replay.ts';
import { RELEASES } from '../engine/semantics/releases.ts';
import { createModelWorld, type ModelMachine } from '../engine/state/model-world.ts';
import { CsvDecoder } from '../engine/trace/csv.ts';
import { type Chunk, slices, type TraceDecoder } from '../engine/trace/decoder.ts';
import { JsonLinesDecoder } from '../engine/trace/json-lines.ts';
import type { TraceEvent } from '../engine/trace/operation.ts';
import { ProtobufDecoder } from '../engine/trace/protobuf/decoder.ts';
import { protobufSchema } from '../engine/trace/protobuf/schema.ts';
import { formatProtobuf } from '../engine/trace/protobuf/write.ts';
import { formatCsv } from '../engine/trace/write-csv.ts';
import { formatJsonLines } from '../engine/trace/write-json-lines.ts';
import { type Measure, type Ratio, rate, secondsOf, startUps } from './harness.ts';
import { checkMeasures, memoryName, traceMeasures } from './processes.ts';
import { RECORDED_WORKLOADS, recordedEvents, recordedMachine } from './recorded.ts';
import { shrinkMeasure } from './shrink.ts';
import { whyRatios } from './why.ts';
import { ACCESS_KINDS, type AccessKind, accesses, machineOf, randomTraces, setUp } from './workloads.ts';

/** How fast hvreplay is. Numbers of one run compare with each other, and hardly with those of another machine. */

const behaviours = RELEASES.at(-1)?.behaviours;
if (behaviours === undefined) throw new Error('there is a release');

/** Replays to the end. */
const replay = (machine: ModelMachine, events: Iterable<TraceEvent>): number => {
  let lines = 0;
  for (const _line of replayTrace({ machine, behaviours, logging: 'off' }, events)) lines += 1;
  return lines;
};

const HEADER = { version: 1, title: undefined, machine: undefined, directives: {} };

const SCHEMA = protobufSchema(OPERATIONS);

/** The formats that a trace is replayed from. */
const FORMATS = {
  protobuf: {
    encode: (events: readonly TraceEvent[]) => formatProtobuf(HEADER, events, SCHEMA),
    decoder: () => new ProtobufDecoder(SCHEMA),
  },
  CSV: {
    encode: (events: readonly TraceEvent[]) => formatCsv(HEADER, events, OPERATIONS),
    decoder: () => new CsvDecoder(OPERATIONS),
  },
  'JSON lines': {
    encode: (events: readonly TraceEvent[]) => formatJsonLines(HEADER, events, OPERATIONS),
    decoder: () => new JsonLinesDecoder(OPERATIONS),
  },
} as const satisfies Readonly<
  Record<string, { encode: (events: readonly TraceEvent[]) => Chunk; decoder: () => TraceDecoder }>
>;

type Format = keyof typeof FORMATS;

/** Events as they come out of a decoder that is fed piece by piece. */
function* decoded(format: Format, data: Chunk): Generator<TraceEvent> {
  const decoder = FORMATS[format].decoder();
  for (const piece of slices(data)) yield* decoder.push(piece);
  yield* decoder.end();
  if (decoder.problems.length > 0) throw new Error(JSON.stringify(decoder.problems));
}

/** Set-up and final state do not count, where events are in memory: it is the loop that Xen's code was measured in. */
const inMemory = (
  name: string,
  machine: ModelMachine,
  prologue: readonly TraceEvent[],
  counted: readonly TraceEvent[],
): Measure =>
  rate(`${name}, in memory`, 'events', counted.length, () => {
    const world = createModelWorld({ machine, behaviours, logging: 'off', trail: undefined });
    for (const event of prologue) answerTo(world, event);
    return secondsOf(() => {
      for (const event of counted) answerTo(world, event);
    });
  });

const replayMeasures = (kind: AccessKind, devices: number, count: number): readonly Measure[] => {
  const name = `${kind}, ${devices} devices`;
  const machine = machineOf(devices);
  const prologue = setUp(devices);
  const data = FORMATS.protobuf.encode([...prologue, ...accesses(kind, devices, count)]);
  // Events as a decoder makes them, which is what every replay gets.
  const events = [...decoded('protobuf', data)];
  const fromMemory = inMemory(name, machine, events.slice(0, -count), events.slice(-count));
  if (devices !== FEWEST) return [fromMemory];
  const fromFormats = (Object.keys(FORMATS) as Format[]).map((format) => {
    const encoded = FORMATS[format].encode(events);
    return rate(`${name}, from ${format}`, 'events', events.length, () =>
      secondsOf(() => replay(machine, decoded(format, encoded))),
    );
  });
  return [fromMemory, ...fromFormats];
};

const recordedMeasures = (): readonly Measure[] =>
  Object.entries(RECORDED_WORKLOADS).map(([name, [first, round]]) =>
    inMemory(name, recordedMachine(), ...recordedEvents(first, round, EVENTS)),
  );

const EVENTS = 200_000;
const FEWEST = 32;
const FLEETS = [FEWEST, 256, 2048] as const;
const TRACES = 300;

/**
 * What Xen's own C code does of the same in a second on one core of a machine of this kind, by the notes of the oracle
 * (the higher end of each range): not of this run, so a difference of a third says nothing.
 */
const XEN_RATES: Readonly<Record<AccessKind, Readonly<Record<(typeof FLEETS)[number], number>>>> = {
  reads: { 32: 14e6, 256: 3.5e6, 2048: 0.2e6 },
  writes: { 32: 12e6, 256: 3.4e6, 2048: 0.2e6 },
  toggles: { 32: 94e3, 256: 13e3, 2048: 1.5e3 },
};

const measured = (measures: readonly Measure[], name: string): number =>
  measures.find((measure) => measure.name === name)?.value ?? Number.NaN;

const ratiosOf = (measures: readonly Measure[]): readonly Ratio[] => {
  const quotient = (name: string, over: string, under: string): Ratio => ({
    name,
    value: measured(measures, over) / measured(measures, under),
  });
  return [
    quotient('start-up: hvreplay --version / node -e 0', 'hvreplay --version', 'node -e 0'),
    ...(['reads', 'writes', 'toggles'] as const).map((kind) =>
      quotient(
        `cost of ${kind}: 2048 devices / 32 devices`,
        `${kind}, 32 devices, in memory`,
        `${kind}, 2048 devices, in memory`,
      ),
    ),
    ...FLEETS.flatMap((devices) =>
      ACCESS_KINDS.map((kind) => ({
        name: `${kind}, ${devices} devices: Xen's code / this`,
        value: XEN_RATES[kind][devices] / measured(measures, `${kind}, ${devices} devices, in memory`),
      })),
    ),
    ...Object.keys(FORMATS).map((format) =>
      quotient(
        `cost of reads: from ${format} / in memory`,
        'reads, 32 devices, in memory',
        `reads, 32 devices, from ${format}`,
      ),
    ),
    ...(['reads', 'toggles'] as const).map((kind) =>
      quotient(`peak memory of ${kind}: 1e7 events / 1e5 events`, memoryName(kind, 1e7), memoryName(kind, 1e5)),
    ),
  ];
};

const randomMeasure = (): Measure => {
  const traces = randomTraces(TRACES).map(({ machine, events }) => ({
    machine,
    events: [...decoded('CSV', FORMATS.CSV.encode(events))],
  }));
  return rate(`${TRACES} random traces, one process`, 'traces', TRACES, () =>
    secondsOf(() => {
      for (const { machine, events } of traces) replay(machine, events);
    }),
  );
};

/** Group after group, as they are measured: all of it takes ten minutes. */
function* measureAll(): Generator<readonly Measure[]> {
  yield startUps({
    'node -e 0': ['-e', '0'],
    'hvreplay --version': [fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)), '--version'],
  });
  for (const devices of FLEETS) for (const kind of ACCESS_KINDS) yield replayMeasures(kind, devices, EVENTS);
  yield recordedMeasures();
  yield [randomMeasure(), shrinkMeasure()];
  yield checkMeasures();
  yield traceMeasures();
}

const digits = (value: number): string => (value >= 1000 ? String(Math.round(value)) : value.toPrecision(3));

const measureLine = ({ name, value, unit, spread }: Measure): string =>
  `${name.padEnd(44)} ${digits(value).padStart(12)} ${unit.padEnd(9)} spread ${Math.round(100 * spread)} %\n`;

const ratioLine = ({ name, value }: Ratio): string => `${name.padEnd(44)} ${digits(value).padStart(12)}\n`;

const isJson = process.argv.includes('--json');
const measures: Measure[] = [];
for (const group of measureAll()) {
  measures.push(...group);
  if (!isJson) process.stdout.write(group.map(measureLine).join(''));
}
const ratios = [...ratiosOf(measures), ...whyRatios()];
process.stdout.write(isJson ? `${JSON.stringify({ measures, ratios })}\n` : `\n${ratios.map(ratioLine).join('')}`);
