// SPDX-License-Identifier: GPL-2.0-only
import { parseMachine } from '../engine/machine/load.ts';
import { OPERATIONS } from '../engine/ops/index.ts';
import { replayTrace } from '../engine/replay/replay.ts';
import { findState, PROPOSALS } from '../engine/semantics/proposals.ts';
import { RELEASES, type Release, withChanges } from '../engine/semantics/releases.ts';
import { RULES } from '../engine/semantics/rules.ts';
import { decodeCsv } from '../engine/trace/csv.ts';
import { decodeJsonLines } from '../engine/trace/json-lines.ts';
import { TraceFault } from '../engine/xen/domains.ts';
import type { Choice, Model } from './session.ts';

/** The only file of the command line that knows how the engine is put together. */

const choiceOf = ({ name, behaviours }: Pick<Release, 'name' | 'behaviours'>): Choice => ({
  name,
  replay: ({ machine, reads }, events) =>
    replayTrace({ machine, behaviours, logging: reads ? 'reads-and-writes' : 'writes' }, events),
});

const series: readonly (readonly Choice[])[] = [RELEASES.map(choiceOf)];

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
  return { ok: true, value: choiceOf({ name, behaviours: withChanges(base, changes) }) };
};

export const model: Model = {
  registry: OPERATIONS,
  series,
  proposals: PROPOSALS.map(choiceOf),
  combine: combineWith,
  decode: (format, bytes) => (format === 'csv' ? decodeCsv(bytes, OPERATIONS) : decodeJsonLines(bytes, OPERATIONS)),
  parseMachine,
  faultOf: (error) => (error instanceof TraceFault ? error.message : undefined),
};

export const rules: ReadonlyMap<string, { readonly says: string; readonly xen: string }> = new Map(
  Object.entries(RULES),
);
