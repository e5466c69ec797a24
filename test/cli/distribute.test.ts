// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Case } from '../../cli/corpus.ts';
import { costCases, distribute } from '../../cli/distribute.ts';
import { makeReport } from '../../cli/reporters/report.ts';
import { readShard } from '../../cli/shard.ts';
import { sampleCase } from './reporters/sample-report.ts';
import { scratch } from './scratch.ts';

const caseOf = (name: string, trace = `${name}.csv`): Case => ({ name, trace, traceName: `${name}.csv` });

describe('a distribution', () => {
  const costs = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 60 });

  test('gives each case to one part, and loads no part by more than its largest case above another', () => {
    fc.assert(
      fc.property(costs, fc.integer({ min: 1, max: 9 }), (list, count) => {
        const costed = list.toSorted((a, b) => b - a).map((cost, at) => ({ it: caseOf(`s/${at}`), cost }));
        const parts = distribute(costed, count);
        expect(
          parts
            .flat()
            .map(({ name }) => name)
            .toSorted(),
        ).toEqual(costed.map(({ it }) => it.name).toSorted());
        const loads = parts.map((part) =>
          part.reduce((sum, it) => sum + (costed.find((one) => one.it === it)?.cost ?? 0), 0),
        );
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(Math.max(0, ...list));
      }),
    );
  });

  test('is by recorded cost, and by size at the recorded rate where there is none', () => {
    const here = scratch({ 'a.csv': 'x'.repeat(10), 'b.csv': 'x'.repeat(10), 'c.csv': 'x'.repeat(30) });
    const cases = ['a', 'b', 'c'].map((name) => caseOf(`s/${name}`, here.at(`${name}.csv`)));
    const earlier = makeReport(
      {
        cases: [sampleCase('s/a', { cost: 400 }), sampleCase('s/b', { cost: 200 })],
        ...{ strays: [], expectations: [] },
      },
      undefined,
    );
    const names = (list: ReturnType<typeof costCases>) => list.map(({ it, cost }) => `${it.name} ${cost}`);
    expect(names(costCases(cases, undefined))).toEqual(['s/c 30', 's/a 10', 's/b 10']);
    expect(names(costCases(cases, earlier))).toEqual(['s/c 900', 's/a 400', 's/b 200']);
  });
});

describe('--shard', () => {
  test.each([
    ['2/4', {}, { index: 2, count: 4 }],
    ['auto', { CI_NODE_INDEX: '4', CI_NODE_TOTAL: '4' }, { index: 4, count: 4 }],
    ['auto', { BUILDKITE_PARALLEL_JOB: '0', BUILDKITE_PARALLEL_JOB_COUNT: '3' }, { index: 1, count: 3 }],
    ['auto', { JOB_COMPLETION_INDEX: '2', HVREPLAY_SHARDS: '3' }, { index: 3, count: 3 }],
  ])('%s with %j', (text, env, shard) => {
    expect(readShard(text, env)).toEqual({ ok: true, shard });
  });

  test.each([
    ['0/4', {}, 'is part 0 of 4; expected 1 to 4'],
    ['5/4', {}, 'is part 5 of 4; expected 1 to 4'],
    ['1/0', {}, 'expected a part of'],
    ['half', {}, 'expected i/n'],
    ['auto', {}, 'none is set'],
    ['auto', { JOB_COMPLETION_INDEX: '2' }, "HVREPLAY_SHARDS ('')"],
    ['auto', { CI_NODE_INDEX: '5', CI_NODE_TOTAL: '4' }, 'is part 5 of 4; expected 1 to 4'],
    ['auto', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '1', BUILDKITE_PARALLEL_JOB: '0' }, 'are both set'],
  ])('%s with %j is refused, never taken for the whole', (text, env, message) => {
    expect(readShard(text, env)).toEqual({ ok: false, message: expect.stringContaining(message) });
  });
});
