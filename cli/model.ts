// SPDX-License-Identifier: GPL-2.0-only
import { OPERATIONS } from '../engine/ops/index.ts';
import { replayTrace } from '../engine/replay/replay.ts';
import { RULES } from '../engine/semantics/rules.ts';
import {
  findState,
  LINUX_STATES,
  PROPOSAL_STATES,
  type SystemState,
  withProposal,
  XEN_STATES,
} from '../engine/semantics/states.ts';
import { loadMachine } from '../engine/state/load-machine.ts';
import { timelineOf } from '../engine/timeline/timeline.ts';
import { CsvDecoder } from '../engine/trace/csv.ts';
import { JsonLinesDecoder } from '../engine/trace/json-lines.ts';
import { ProtobufDecoder } from '../engine/trace/protobuf/decoder.ts';
import { protobufSchema, type Schema } from '../engine/trace/protobuf/schema.ts';
import { TraceFault } from '../engine/xen/domains.ts';
import type { Choice, Model } from './session.ts';

/** The only file of the command line that knows how the engine is put together. */

const choiceOf = ({ name, behaviours }: SystemState): Choice => ({
  name,
  replay: ({ machine, logging, trail }, events) =>
    replayTrace(
      {
        machine,
        behaviours,
        logging,
        ...(trail === undefined ? {} : { trail }),
      },
      events,
    ),
  timeline: (trace) => timelineOf(trace, behaviours, OPERATIONS),
});

const series: readonly (readonly Choice[])[] = [XEN_STATES.map(choiceOf), LINUX_STATES.map(choiceOf)];

/** A release with the changes of proposals made to it, in the order given. */
const combineWith: Model['combine'] = (release, names) => {
  let state = findState(release.name);
  for (const name of names) {
    state = state === undefined ? undefined : withProposal(state, name);
    if (state === undefined) {
      const message = `'${name}' cannot be added to ${release.name}; hvreplay releases lists releases and proposals`;
      return { ok: false, problems: [{ line: undefined, column: undefined, message }] };
    }
  }
  if (state === undefined) throw new Error(`${release.name} is a state`);
  return { ok: true, value: choiceOf(state) };
};

export const rules: ReadonlyMap<string, { readonly says: string; readonly where: string }> = new Map(
  Object.entries(RULES),
);

let schema: Schema | undefined;

const decoderOf: Model['decoder'] = (format, options) => {
  switch (format) {
    case 'csv':
      return new CsvDecoder(OPERATIONS);
    case 'json-lines':
      return new JsonLinesDecoder(OPERATIONS);
    case 'protobuf':
      schema ??= protobufSchema(OPERATIONS);
      return new ProtobufDecoder(schema, options);
  }
};

export const model: Model = {
  registry: OPERATIONS,
  series,
  proposals: PROPOSAL_STATES.map(choiceOf),
  combine: combineWith,
  decoder: decoderOf,
  parseMachine: loadMachine,
  faultOf: (error) => (error instanceof TraceFault ? error : undefined),
};
