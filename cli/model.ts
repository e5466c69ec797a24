// SPDX-License-Identifier: GPL-2.0-only
import { OPERATIONS } from '../engine/ops/index.ts';
import { replayTrace } from '../engine/replay/replay.ts';
import { PROPOSALS } from '../engine/semantics/proposals.ts';
import { withChanges } from '../engine/semantics/releases.ts';
import { RULES } from '../engine/semantics/rules.ts';
import { findState, LINUX_STATES, PROPOSAL_STATES, type SystemState, XEN_STATES } from '../engine/semantics/states.ts';
import { loadMachine } from '../engine/state/load-machine.ts';
import { decodeCsv } from '../engine/trace/csv.ts';
import { decodeJsonLines } from '../engine/trace/json-lines.ts';
import { TraceFault } from '../engine/xen/domains.ts';
import type { Choice, Model } from './session.ts';

/** The only file of the command line that knows how the engine is put together. */

const choiceOf = ({ name, behaviours }: SystemState): Choice => ({
  name,
  replay: ({ machine, reads, trail }, events) =>
    replayTrace(
      {
        machine,
        behaviours,
        logging: reads ? 'reads-and-writes' : 'writes',
        ...(trail === undefined ? {} : { trail }),
      },
      events,
    ),
});

const series: readonly (readonly Choice[])[] = [XEN_STATES.map(choiceOf), LINUX_STATES.map(choiceOf)];

/** A release with the changes of proposals made to it, in the order given. */
const combineWith: Model['combine'] = (release, names) => {
  const base = findState(release.name);
  const proposals = names.map((name) => PROPOSALS.find((proposal) => proposal.name === name));
  const unknown = names.filter((_name, index) => proposals[index] === undefined);
  if (base === undefined || unknown.length > 0) {
    const message = `there is no proposal ${unknown.join(', ')}; hvreplay releases lists them`;
    return { ok: false, problems: [{ line: undefined, column: undefined, message }] };
  }
  const changes = proposals.flatMap((proposal) => proposal?.changes ?? []);
  const name = [release.name, ...names].join('+');
  return {
    ok: true,
    value: choiceOf({ name, behaviours: { ...base.behaviours, ...withChanges(base.behaviours, changes) } }),
  };
};

export const model: Model = {
  registry: OPERATIONS,
  series,
  proposals: PROPOSAL_STATES.map(choiceOf),
  combine: combineWith,
  decode: (format, bytes) => (format === 'csv' ? decodeCsv(bytes, OPERATIONS) : decodeJsonLines(bytes, OPERATIONS)),
  parseMachine: loadMachine,
  faultOf: (error) => (error instanceof TraceFault ? error.message : undefined),
};

export const rules: ReadonlyMap<string, { readonly says: string; readonly xen: string }> = new Map(
  Object.entries(RULES),
);
