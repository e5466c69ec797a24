// SPDX-License-Identifier: GPL-2.0-only
import { afterAll, describe, expect, test } from 'vitest';
import { RELEASES } from '../../engine/semantics/releases.ts';
import { findState } from '../../engine/semantics/states.ts';
import { inheritedAnswers, type OracleCase, openCase, readCorpus } from './cases.ts';
import { newTally, runCase, type Tally } from './run.ts';
import { formatTable } from './table.ts';

const MAX_SHOWN = 20;

const tallies = new Map<string, Tally>();

const tallyOf = (name: string): Tally => {
  const tally = tallies.get(name) ?? newTally();
  tallies.set(name, tally);
  return tally;
};

// One text, so that the table stays in one piece between what other test files print.
afterAll(() => console.log(`\n${formatTable(tallies)}\n`));

/** Replays all cases that have answers for this release or state; returns how many they are and what differs. */
const replayAll = (
  name: string,
  cases: readonly OracleCase[],
  answersOf: (oracleCase: OracleCase) => string | undefined,
): { readonly covered: number; readonly differences: readonly string[] } => {
  const state = findState(name);
  if (state === undefined) throw new Error(`no release or proposal ${name}`);
  const all = tallyOf(name);
  for (const oracleCase of cases) {
    const expected = answersOf(oracleCase);
    if (expected === undefined) continue;
    runCase(oracleCase, state.behaviours, expected, oracleCase.core ? [all, tallyOf(`${name}, core cases`)] : [all]);
  }
  return { covered: all.cases, differences: all.differences.slice(0, MAX_SHOWN) };
};

describe('the answers of releases', () => {
  const cases = readCorpus('oracle').map(openCase);
  const names = RELEASES.map(({ name }) => name);
  /** Guest vPCI came later than the rest. */
  const hostCases = cases.filter(({ name }) => name.startsWith('hw-'));

  test('are recorded for 477 cases, 138 of them core cases', () => {
    expect(cases.length).toBe(477);
    expect(cases.filter(({ core }) => core).length).toBe(138);
  });

  test('are of releases that the model has', () => {
    expect(names).toEqual(expect.arrayContaining(cases.flatMap(({ expected }) => Object.keys(expected))));
  });

  test.each(names)('%s', (release) => {
    const { covered, differences } = replayAll(release, cases, (each) => inheritedAnswers(each, release, names));
    expect(differences).toEqual([]);
    expect(covered).toBeGreaterThanOrEqual(hostCases.length);
  });
});

describe('the answers of states under discussion', () => {
  const cases = readCorpus('proposals').map(openCase);
  const states = [...new Set(cases.flatMap(({ expected }) => Object.keys(expected)))].sort();

  test('are recorded for 92 cases and 14 states', () => {
    expect(cases.length).toBe(92);
    expect(states.length).toBe(14);
  });

  test.each(states)('%s', (state) => {
    const { covered, differences } = replayAll(state, cases, ({ expected }) => expected[state]);
    expect(differences).toEqual([]);
    expect(covered).toBeGreaterThanOrEqual(29);
  });
});
