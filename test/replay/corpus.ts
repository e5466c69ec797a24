// SPDX-License-Identifier: GPL-2.0-only
import { applicableTo } from '../../cli/applicable.ts';
import { discover } from '../../cli/corpus.ts';
import { model } from '../../cli/model.ts';
import { makeSession } from '../../cli/session.ts';
import { renderBody } from '../../engine/golden/text.ts';
import type { Subject } from '../../engine/replay/compare-outcome.ts';
import { stateNamed } from '../../engine/replay/compare-steps.ts';
import type { SystemState } from '../../engine/semantics/states.ts';

/** Traces of the corpus as the comparisons take them. */

const session = makeSession(model);

/** A release, guest or proposal that has to be there. */
export const state = (name: string): SystemState => {
  const found = stateNamed(name);
  if (found === undefined) throw new Error(`${name} is no state`);
  return found;
};

interface CorpusTrace {
  readonly name: string;
  readonly subject: Subject;
  /** Names of the releases that the trace is meant for. */
  readonly releases: readonly string[];
}

const load = (name: string, path: string): CorpusTrace => {
  const loaded = session.loadTrace(path);
  if (!loaded.ok) throw new Error(`${path} cannot be loaded`);
  const { header, machine, events } = loaded.value;
  const applicable = applicableTo(model, loaded.value);
  const { golden } = header.directives;
  return {
    name,
    subject: {
      ...{ machine, events, hardware: golden === 'hardware' },
      render: (lines, rendered) => renderBody(lines, rendered, model.registry),
    },
    releases: applicable.ok ? applicable.value.order.map((choice) => choice.name) : [],
  };
};

export const trace = (name: string): CorpusTrace => load(name, `traces/${name}.csv`);

/** All traces that people wrote; recordings are long, and none was made to show a change. */
export const authored = (): readonly CorpusTrace[] => {
  const found = discover(['traces'], undefined);
  if (!found.ok) throw new Error(found.message);
  return found.corpus.cases.filter(({ name }) => !name.startsWith('recorded/')).map((one) => load(one.name, one.trace));
};
