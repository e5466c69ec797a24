// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { type ReplaySetup, replayTrace } from '../../engine/replay/replay.ts';
import type { OracleCase } from './cases.ts';
import { type Answer, compareAnswers } from './difference.ts';

const answerSchema = z.record(z.string(), z.unknown());

const parseAnswers = (lines: string): readonly Answer[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => answerSchema.parse(JSON.parse(line)));

/** Sums over cases. */
export interface Tally {
  cases: number;
  rows: number;
  /** Answers compared. */
  answers: number;
  /** One text for each answer that differs, led by case and row. */
  readonly differences: string[];
  /** Time in the replay, without reading or comparing. */
  seconds: number;
}

export const newTally = (): Tally => ({ cases: 0, rows: 0, answers: 0, differences: [], seconds: 0 });

const MILLISECONDS = 1000;

/** Replays a case, compares it with the recorded answers, and adds the result to `tallies`. */
export const runCase = (
  oracleCase: OracleCase,
  behaviours: ReplaySetup['behaviours'],
  expected: string,
  tallies: readonly Tally[],
): void => {
  const { name, machine, events, listsReads } = oracleCase;
  const logging = listsReads ? 'reads-and-writes' : 'writes';
  const got: Answer[] = [];
  let failure: unknown;
  const start = performance.now();
  try {
    for (const line of replayTrace({ machine, behaviours, logging }, events)) got.push({ ...line });
  } catch (error) {
    failure = error;
  }
  const seconds = (performance.now() - start) / MILLISECONDS;
  const { compared, differences } = compareAnswers(parseAnswers(expected), got);
  // Nothing follows a failure, so that all later answers would be told as missing.
  const found = failure === undefined ? differences : [`replay fails after ${got.length} answers: ${failure}`];
  for (const tally of tallies) {
    tally.cases += 1;
    tally.rows += events.length;
    tally.answers += compared;
    tally.seconds += seconds;
    tally.differences.push(...found.map((text) => `${name}: ${text}`));
  }
};
