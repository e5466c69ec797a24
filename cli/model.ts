// SPDX-License-Identifier: GPL-2.0-only
import { parseMachine } from '../engine/machine/load.ts';
import { OPERATIONS } from '../engine/ops/index.ts';
import { replayTrace } from '../engine/replay/replay.ts';
import { RELEASES, type Release } from '../engine/semantics/releases.ts';
import { RULES } from '../engine/semantics/rules.ts';
import { decodeCsv } from '../engine/trace/csv.ts';
import { decodeJsonLines } from '../engine/trace/json-lines.ts';
import { TraceFault } from '../engine/xen/domains.ts';
import type { Choice, Model } from './session.ts';

/** The only file of the command line that knows how the engine is put together. */

const choiceOf = ({ name, behaviours }: Release): Choice => ({
  name,
  replay: ({ machine, reads }, events) =>
    replayTrace({ machine, behaviours, logging: reads ? 'reads-and-writes' : 'writes' }, events),
});

const series: readonly (readonly Choice[])[] = [RELEASES.map(choiceOf)];

export const model: Model = {
  registry: OPERATIONS,
  series,
  proposals: [],
  combine: (release, proposals) => ({
    ok: false,
    problems: [
      { line: undefined, column: undefined, message: `${release.name} has no proposal ${proposals.join(', ')}` },
    ],
  }),
  decode: (format, bytes) => (format === 'csv' ? decodeCsv(bytes, OPERATIONS) : decodeJsonLines(bytes, OPERATIONS)),
  parseMachine,
  faultOf: (error) => (error instanceof TraceFault ? error.message : undefined),
};

export const rules: ReadonlyMap<string, { readonly says: string; readonly xen: string }> = new Map(
  Object.entries(RULES),
);
