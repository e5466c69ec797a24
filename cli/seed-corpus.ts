// SPDX-License-Identifier: GPL-2.0-only
import { type SeedAnswer, seedAnswers } from '../engine/replay/seed-answers.ts';
import { SEEDS, type Seed, seedNames } from '../engine/semantics/seeds.ts';
import { PROPOSAL_STATES, type ProposedState } from '../engine/semantics/states.ts';
import { applicableTo } from './applicable.ts';
import type { Corpus } from './corpus.ts';
import { formatProblem, type Session } from './session.ts';
import { meantFor, subjectOf } from './subject.ts';

/** A question of a discussion, and what the trace that shows it answers. */
export interface SeedRow {
  readonly question: string;
  /** Of the case: `<subject>/<case>`. */
  readonly name: string;
  readonly trace: string;
  readonly answers: readonly SeedAnswer[];
}

export interface SeedSection {
  readonly seed: Seed;
  /** Those that occur in the rows. */
  readonly proposals: readonly Pick<ProposedState, 'name' | 'origin' | 'fromText'>[];
  readonly rows: readonly SeedRow[];
}

export type SeedSections =
  | { readonly ok: true; readonly sections: readonly SeedSection[] }
  | { readonly ok: false; readonly message: string };

type Asked = { readonly seeds: readonly string[]; readonly row: SeedRow };

/** The row of one case; undefined: no discussion asks for it; text: what is wrong with it. */
const rowOf = (session: Session, name: string, path: string): Asked | undefined | string => {
  const loaded = session.loadTrace(path);
  if (!loaded.ok) return loaded.problems.map(formatProblem).join('').trimEnd();
  const trace = loaded.value;
  const { seed, question, answer } = trace.header.directives;
  if (question === undefined) return undefined;
  const seeds = seedNames(seed);
  const stranger = seeds.find((one) => !SEEDS.some(({ file }) => file === one));
  if (stranger !== undefined) return `${path}: # seed: '${stranger}' is no discussion that is known`;
  const applicable = applicableTo(session.model, trace);
  if (!applicable.ok) return applicable.problems.map(formatProblem).join('').trimEnd();
  const { answers, unknown } = seedAnswers(subjectOf(trace), meantFor(applicable.value), answer);
  if (unknown.length > 0) return `${path}: # answer: no outcome has lines of '${unknown.join("', '")}'`;
  return { seeds, row: { question, name, trace: path, answers } };
};

/** The questions that the traces of a corpus answer, by discussion. */
export const seedSections = (session: Session, corpus: Corpus): SeedSections => {
  const found = corpus.cases.map(({ name, trace }) => rowOf(session, name, trace));
  const faults = found.filter((one) => typeof one === 'string');
  if (faults.length > 0) return { ok: false, message: faults.join('\n') };
  const asked = found.filter((one) => typeof one === 'object');
  const sections = SEEDS.flatMap((seed) => {
    const rows = asked.filter(({ seeds }) => seeds.includes(seed.file)).map(({ row }) => row);
    const states = new Set(rows.flatMap(({ answers }) => answers.flatMap((answer) => answer.states)));
    const proposals = PROPOSAL_STATES.filter(({ name }) => states.has(name));
    return rows.length === 0 ? [] : [{ seed, proposals, rows }];
  });
  return { ok: true, sections };
};
