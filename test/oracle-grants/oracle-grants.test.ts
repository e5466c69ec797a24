// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findState } from '../../engine/semantics/states.ts';
import { difference, type OracleCase, parseAnswers, readCases } from './cases.ts';
import { REPAIRS, repair } from './repairs.ts';
import { replay } from './replay.ts';

const cases = readCases();

/** The first difference between a state's recorded answers and the replay's. What follows `undefined` is not known. */
const firstDifference = (oracleCase: OracleCase, release: string): string | undefined => {
  const behaviours = findState(release)?.behaviours.linux;
  if (behaviours === undefined) return `no such state: ${release}`;
  const got = replay(oracleCase.machine, oracleCase.trace, behaviours);
  for (const { seq, final, undefined: isUnknown, ...want } of parseAnswers(oracleCase.expected[release] ?? '')) {
    if (isUnknown === true) return undefined;
    const key = final === true ? 'final' : seq;
    const found = difference(want, got.get(key));
    if (found !== undefined) return `row ${key}${found}`;
  }
  return undefined;
};

const isRepaired = (name: string, release: string): boolean => REPAIRS[name]?.release === release;

describe.each(['linux-6.12', 'linux-7.2'])('%s', (release) => {
  const covered = cases.filter(({ expected }) => expected[release] !== undefined);

  test.each(covered.filter(({ name }) => !isRepaired(name, release)))('answers $name as its own code does', (whole) => {
    expect(firstDifference(whole, release)).toBeUndefined();
  });

  test('has all its cases', () => {
    expect(covered.length).toBe(release === 'linux-6.12' ? 89 : 69);
  });
});

describe.each(Object.entries(REPAIRS))('%s, whose machine file is cut off', (name, cutOff) => {
  const oracleCase = cases.find((candidate) => candidate.name === name);
  if (oracleCase === undefined) throw new Error(`${name} is gone`);

  test('is refused as it stands, as a map with a partial entry is', () => {
    expect(firstDifference(oracleCase, cutOff.release)).toBe(cutOff.difference);
  });

  test('is answered in full once the map is whole', () => {
    const restored = { ...oracleCase, machine: repair(oracleCase.machine, cutOff) };
    expect(firstDifference(restored, cutOff.release)).toBeUndefined();
  });
});

const original = new URL('../../../shared/oracle-grants/', import.meta.url);

/** Only where the project lies next to the originals. */
if (existsSync(original))
  describe('the packed copy', () => {
    const folders = readdirSync(original).filter((name) => existsSync(new URL(`${name}/trace.csv`, original)));
    const read = (path: string): string => readFileSync(new URL(path, original), 'utf8');

    test('has all cases', () => {
      expect(cases.map(({ name }) => name)).toEqual(folders.sort());
    });

    test.each(cases)('holds $name as it is', ({ name, machine, trace, expected }) => {
      expect(machine).toBe(read(`${name}/machine.yaml`));
      expect(trace).toBe(read(`${name}/trace.csv`));
      const files = readdirSync(new URL(`${name}/expected`, original)).sort();
      expect(Object.keys(expected).map((release) => `${release}.ndjson`)).toEqual(files);
      for (const file of files)
        expect(expected[file.slice(0, -'.ndjson'.length)]).toBe(read(`${name}/expected/${file}`));
    });
  });
