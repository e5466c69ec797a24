// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url';
import type { PlainMachine } from '../engine/machine/plain.ts';
import { OPERATIONS } from '../engine/ops/index.ts';
import { replayTrace } from '../engine/replay/replay.ts';
import { RELEASES } from '../engine/semantics/releases.ts';
import { decodeCsv } from '../engine/trace/csv.ts';
import type { TraceEvent } from '../engine/trace/operation.ts';
import { formatCsv } from '../engine/trace/write-csv.ts';
import { type Measure, type Ratio, rate, secondsOf, startUps, Timed } from './harness.ts';
import { shrinkMeasure } from './shrink.ts';
import { whyRatios } from './why.ts';
import { accesses, machineOf, randomTraces, setUp } from './workloads.ts';

/** How fast hvreplay is. Numbers of one run compare with each other, and hardly with those of another machine. */

const behaviours = RELEASES.at(-1)?.behaviours;
if (behaviours === undefined) throw new Error('there is a release');

/** Replays to the end. */
const replay = (machine: PlainMachine, events: Iterable<TraceEvent>): number => {
  let lines = 0;
  for (const _line of replayTrace({ machine, behaviours, logging: 'off' }, events)) lines += 1;
  return lines;
};

function* chain<T>(first: Iterable<T>, second: Iterable<T>): Generator<T> {
  yield* first;
  yield* second;
}

const HEADER = { version: 1, title: undefined, machine: undefined, directives: {} };

const decode = (csv: string): readonly TraceEvent[] => {
  const decoded = decodeCsv(csv, OPERATIONS);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return decoded.value.events;
};

/** Set-up and final state do not count, where events are in memory. */
const replayMeasures = (kind: 'reads' | 'writes' | 'toggles', devices: number, count: number): readonly Measure[] => {
  const machine = machineOf(devices);
  const csv = formatCsv(HEADER, [...setUp(devices), ...accesses(kind, devices, count)], OPERATIONS);
  // Events as a decoder makes them, which is what every replay gets.
  const events = decode(csv);
  const prologue = events.slice(0, -count);
  const counted = events.slice(-count);
  return [
    rate(`${kind}, ${devices} devices, in memory`, 'events', count, () => {
      const timed = new Timed(counted);
      replay(machine, chain(prologue, timed));
      return timed.seconds;
    }),
    rate(`${kind}, ${devices} devices, from CSV`, 'events', events.length, () =>
      secondsOf(() => replay(machine, decode(csv))),
    ),
  ];
};

const EVENTS = 200_000;
const FLEETS = [32, 256, 2048] as const;
const TRACES = 300;

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
    quotient('cost of reads: from CSV / in memory', 'reads, 32 devices, in memory', 'reads, 32 devices, from CSV'),
  ];
};

const randomMeasure = (): Measure => {
  const traces = randomTraces(TRACES).map(({ machine, events }) => ({
    machine,
    events: decode(formatCsv(HEADER, events, OPERATIONS)),
  }));
  return rate(`${TRACES} random traces, one process`, 'traces', TRACES, () =>
    secondsOf(() => {
      for (const { machine, events } of traces) replay(machine, events);
    }),
  );
};

const measureAll = (): readonly Measure[] => [
  ...startUps({
    'node -e 0': ['-e', '0'],
    'hvreplay --version': [fileURLToPath(new URL('../cli/main.js', import.meta.url)), '--version'],
  }),
  ...FLEETS.flatMap((devices) =>
    (['reads', 'writes', 'toggles'] as const).flatMap((kind) => replayMeasures(kind, devices, EVENTS)),
  ),
  randomMeasure(),
  shrinkMeasure(),
];

const digits = (value: number): string => (value >= 1000 ? String(Math.round(value)) : value.toPrecision(3));

const print = (measures: readonly Measure[], ratios: readonly Ratio[]): string =>
  [
    ...measures.map(
      ({ name, value, unit, spread }) =>
        `${name.padEnd(44)} ${digits(value).padStart(12)} ${unit.padEnd(9)} spread ${Math.round(100 * spread)} %`,
    ),
    '',
    ...ratios.map(({ name, value }) => `${name.padEnd(44)} ${digits(value).padStart(12)}`),
    '',
  ].join('\n');

const measures = measureAll();
const ratios = [...ratiosOf(measures), ...whyRatios()];
process.stdout.write(
  process.argv.includes('--json') ? `${JSON.stringify({ measures, ratios })}\n` : print(measures, ratios),
);
