// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { type CaseFiles, compareCase, planAccept } from '../../engine/golden/layout.ts';
import { formatGolden, type GoldenText } from '../../engine/golden/text.ts';

const golden = (release: string, body: string, digest = 'd1'): GoldenText => ({
  header: {
    ...{ trace: 'a/b.csv', traceDigest: digest, machine: undefined, machineDigest: undefined, title: undefined },
    release,
  },
  body: `[results]\nevent 1 x: ${body}\n`,
});

const file = (release: string, body: string, digest?: string): [string, string] => [
  release,
  formatGolden(golden(release, body, digest)),
];

/** `outcomes`: body by release; `existing`: golden files. */
const files = (
  outcomes: Readonly<Record<string, string>>,
  existing: readonly [string, string][],
  changes: Partial<CaseFiles> = {},
): CaseFiles => ({
  order: ['r1', 'r2', 'r3', 'r4'],
  proposals: [],
  existing: new Map(existing),
  outcomes: new Map(Object.entries(outcomes).map(([release, body]) => [release, golden(release, body)])),
  ...changes,
});

const SAME = { r1: 'A', r2: 'A', r3: 'B', r4: 'B' };

describe('comparing a case with its golden files', () => {
  test('finds nothing when each release agrees with its own or the inherited file', () => {
    expect(compareCase(files(SAME, [file('r1', 'A'), file('r3', 'B')]))).toEqual([]);
  });

  test('reports releases with the same difference from the same file once', () => {
    const found = compareCase(files({ ...SAME, r3: 'C', r4: 'C' }, [file('r1', 'A'), file('r3', 'B')]));
    expect(found).toMatchObject([{ kind: 'differs', golden: 'r3', releases: ['r3', 'r4'] }]);
  });

  test('reports a release that no longer answers as the file that it inherits', () => {
    expect(compareCase(files(SAME, [file('r1', 'A')]))).toMatchObject([
      { kind: 'differs', golden: 'r1', releases: ['r3', 'r4'] },
    ]);
  });

  test('reports a missing file of the first release', () => {
    expect(compareCase(files(SAME, [file('r3', 'B')]))).toEqual([
      { kind: 'missing', golden: 'r1', releases: ['r1', 'r2'] },
    ]);
  });

  test('says of each release that was replayed that it has nothing to agree with, and nothing of the others', () => {
    expect(compareCase(files({ r3: 'B' }, []))).toEqual([{ kind: 'missing', golden: 'r1', releases: ['r3'] }]);
    expect(compareCase(files({ r3: 'B' }, [file('r3', 'B')], { proposals: ['p'] }))).toEqual([]);
  });

  test('reports a file that says the same as the one before', () => {
    expect(compareCase(files(SAME, [file('r1', 'A'), file('r2', 'A'), file('r3', 'B')]))).toEqual([
      { kind: 'redundant', golden: 'r2', before: 'r1' },
    ]);
  });

  test('reports an edited trace although the outcome is the same', () => {
    expect(compareCase(files(SAME, [file('r1', 'A', 'd0'), file('r3', 'B')]))).toEqual([
      { kind: 'stale', golden: 'r1' },
    ]);
  });

  test('reports files that are no golden files or that do not apply', () => {
    expect(compareCase(files(SAME, [['r1', 'junk'], file('r3', 'B'), file('other', 'A')]))).toEqual([
      { kind: 'malformed', golden: 'r1' },
      { kind: 'inapplicable', golden: 'other' },
    ]);
  });

  test('compares only releases that were replayed, with the file that is in effect', () => {
    expect(compareCase(files({ r4: 'B' }, [file('r1', 'A'), file('r3', 'B')]))).toEqual([]);
    expect(compareCase(files({ r4: 'A' }, [file('r1', 'A'), file('r3', 'B')]))).toMatchObject([
      { kind: 'differs', golden: 'r3', releases: ['r4'] },
    ]);
  });

  test('a proposal has its own file and inherits nothing', () => {
    const own = { proposals: ['p'] };
    const outcomes = { ...SAME, p: 'A' };
    const existing = [file('r1', 'A'), file('r3', 'B')];
    expect(compareCase(files(outcomes, [...existing, file('p', 'A')], own))).toEqual([]);
    expect(compareCase(files(outcomes, existing, own))).toEqual([{ kind: 'missing', golden: 'p', releases: ['p'] }]);
    expect(compareCase(files(outcomes, [...existing, file('p', 'B')], own))).toMatchObject([
      { kind: 'differs', golden: 'p', releases: ['p'] },
    ]);
  });
});

describe('accepting a case', () => {
  const names = (plan: ReturnType<typeof planAccept>) => [[...plan.writes.keys()], plan.removes];

  test('writes a file for the first release and where the outcome changes', () => {
    expect(names(planAccept(files(SAME, [])))).toEqual([['r1', 'r3'], []]);
  });

  test('writes only what differs', () => {
    expect(names(planAccept(files(SAME, [file('r1', 'A'), file('r3', 'C')])))).toEqual([['r3'], []]);
    expect(names(planAccept(files(SAME, [file('r1', 'A'), file('r3', 'B')])))).toEqual([[], []]);
  });

  test('removes what became redundant or does not apply', () => {
    const existing = [file('r1', 'A'), file('r2', 'X'), file('r3', 'B'), file('other', 'A')];
    expect(names(planAccept(files(SAME, existing)))).toEqual([[], ['r2', 'other']]);
  });

  test('leaves a state that compares without findings', () => {
    const before = files({ r1: 'A', r2: 'B', r3: 'A', r4: 'C', p: 'Z' }, [file('r2', 'A'), file('other', 'Q')], {
      proposals: ['p'],
    });
    const plan = planAccept(before);
    const existing = new Map([...before.existing, ...plan.writes]);
    for (const name of plan.removes) existing.delete(name);
    expect(compareCase({ ...before, existing })).toEqual([]);
  });

  test('is refused without the outcome of every release', () => {
    expect(() => planAccept(files({ r1: 'A' }, []))).toThrow(/no outcome for r2/);
  });
});
