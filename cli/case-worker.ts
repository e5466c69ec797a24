// SPDX-License-Identifier: GPL-2.0-only
import { checkCase } from './case-report.ts';
import { chooseReleases } from './choices.ts';
import type { Case } from './corpus.ts';
import { model } from './model.ts';
import type { CaseReport } from './reporters/report-schema.ts';
import { makeSession } from './session.ts';

/** What a worker process is told about a case: plain data. */
export interface CaseTask {
  readonly traces: string;
  readonly golden: string;
  readonly it: Case;
  /** Golden files of the case: release and path. */
  readonly goldenFiles: readonly (readonly [string, string])[];
  /** Names of releases; undefined: all that apply. */
  readonly only?: readonly string[];
  /** Timelines of the outcomes are wanted too. */
  readonly timelines: boolean;
}

const session = makeSession(model);

/** Checks one case; the pool calls it in a process of its own. */
export const runTask = ({ traces, golden, it, goldenFiles, only, timelines }: CaseTask): CaseReport => {
  const files = new Map([[it.name, new Map(goldenFiles)]]);
  const corpus = { traces, golden, cases: [it], strays: [], isWhole: false, goldenFiles: files };
  const chosen = only === undefined ? undefined : chooseReleases(model, only);
  if (chosen !== undefined && !chosen.ok) throw new Error(chosen.message);
  return checkCase(session, corpus, it, { ...(chosen === undefined ? {} : { only: chosen.choices }), timelines });
};
