// SPDX-License-Identifier: GPL-2.0-only
import type { Choice, Model } from '../../cli/session.ts';
import type { AccessLog } from '../../engine/machine/hardware.ts';
import type { LoadedMachine } from '../../engine/machine/load.ts';
import { parseErrno } from '../../engine/num/errno.ts';
import type { ResultLine } from '../../engine/state/result.ts';
import { CsvDecoder } from '../../engine/trace/csv.ts';
import { field } from '../../engine/trace/field.ts';
import { JsonLinesDecoder } from '../../engine/trace/json-lines.ts';
import type { Declaration, Registry, TraceEvent } from '../../engine/trace/operation.ts';

/**
 * A model that does nothing but answer: `test.answer` with the result that the row gives for the release (`r1` … `r4`,
 * the last one given goes on), `test.crash` with a defect,
 * `test.fault` with a fault of the trace. It stands in for Xen in tests of the command line.
 */

const declare = (name: string, fields: Declaration['fields']): [string, Declaration] => [
  name,
  { name, summary: `summary of ${name}`, source: 'nowhere', fields },
];

const result = field.optional(field.errno);

const registry: Registry = new Map([
  declare('test.answer', { dom: field.domain, r1: field.errno, r2: result, r3: result, r4: result, p1: result }),
  declare('test.crash', {}),
  declare('test.fault', {}),
]);

const machine: LoadedMachine = { arch: 'x86', memoryMap: [], ecam: [], devices: [], further: {} };

function* replay(names: readonly string[], logging: AccessLog, events: Iterable<TraceEvent>): Generator<ResultLine> {
  for (const { seq, op, args } of events) {
    if (op === 'test.fault') throw new RangeError('the stub finds the row wrong');
    if (op === 'test.crash') throw new Error('the stub crashes as told');
    const given = names.map((name) => args[name]).findLast((value) => typeof value === 'number');
    const hardware = logging === 'off' ? {} : { hw: ['w 0000:00:00.0 0x4 2 0x2'] };
    yield { seq, ret: Number(given), ...hardware };
  }
  yield { final: true, state: { domains: { d0: { p2m: [] } }, devices: {} } };
}

const choice = (name: string, sources: readonly string[]): Choice => ({
  name,
  replay: ({ logging }, events) => replay(sources, logging, events),
  timeline: ({ events }) => ({
    ...{ places: [], facts: [], memoryMap: [], start: {} },
    steps: events.map(({ seq, op }) => ({ seq, text: op, answer: '' })),
  }),
});

const RELEASES = ['r1', 'r2', 'r3', 'r4'];

export const stubModel: Model = {
  registry,
  series: [
    RELEASES.map((name, index) => choice(name, RELEASES.slice(0, index + 1))),
    [choice('g1', ['r1']), choice('g2', ['r1'])],
  ],
  proposals: [choice('p1', ['r1', 'p1'])],
  combine: (release, proposals) => ({
    ok: true,
    value: choice(`${release.name}+${proposals.join('+')}`, ['r1', 'p1']),
  }),
  decoder: (format) => (format === 'csv' ? new CsvDecoder(registry) : new JsonLinesDecoder(registry)),
  faultOf: (error) => (error instanceof RangeError ? { message: error.message, seq: undefined } : undefined),
  parseMachine: (text) =>
    text.startsWith('machine: 1')
      ? { ok: true, value: machine }
      : { ok: false, problems: [{ line: 1, column: 1, message: 'expected machine: 1' }] },
};

/** A trace of one event, with the results given, and whatever directives. */
export const traceText = (results: Readonly<Record<string, string>>, ...directives: readonly string[]): string => {
  for (const value of Object.values(results))
    if (parseErrno(value) === undefined) throw new Error(`no errno: ${value}`);
  return [
    '# hvreplay-trace: 1',
    '# machine: ../machines/m.yaml',
    ...directives.map((line) => `# ${line}`),
    `op,dom,${Object.keys(results).join(',')}`,
    `test.answer,d0,${Object.values(results).join(',')}`,
    '',
  ].join('\n');
};
