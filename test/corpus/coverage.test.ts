// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { type CoverageRun, findGaps, measureCoverage, neverExercised } from '../../engine/replay/coverage.ts';
import { RULES, type RuleId } from '../../engine/semantics/rules.ts';

const run = (trace: string, release: string, ...rules: readonly RuleId[]): CoverageRun => ({
  trace,
  release,
  replay: (trail) => {
    for (const rule of rules) trail.record(rule, {});
  },
});

const RUNS = [
  run('a', 'old', 'decoding.on', 'decoding.on'),
  run('a', 'new', 'decoding.on', 'decoding.off'),
  run('b', 'old'),
  run('b', 'new', 'decoding.on'),
];

describe('rule coverage', () => {
  test('counts traces, however often and in how many releases a rule decides', () => {
    const { rules } = measureCoverage(RUNS);
    expect(rules.find(({ rule }) => rule === 'decoding.on')).toMatchObject({ traces: 2, releases: ['old', 'new'] });
    expect(rules.find(({ rule }) => rule === 'decoding.off')).toMatchObject({ traces: 1, releases: ['new'] });
  });

  test('lists all rules, also those that nothing exercised', () => {
    const coverage = measureCoverage(RUNS);
    expect(coverage.rules.map(({ rule }) => rule)).toEqual(Object.keys(RULES).sort());
    expect(neverExercised(coverage)).toHaveLength(coverage.rules.length - 2);
    expect(neverExercised(coverage, 'old')).toContain('decoding.off');
    expect(neverExercised(coverage, 'new')).not.toContain('decoding.off');
  });

  test('knows releases that no rule was exercised in', () => {
    expect(measureCoverage([run('a', 'old')]).releases).toEqual(['old']);
  });

  test('takes a reason for a trace, but not where there is one', () => {
    const coverage = measureCoverage(RUNS);
    const { missing, stale } = findGaps(coverage, { 'rom.write-while-mapped': 'why', 'decoding.on': 'why' });
    expect(missing).not.toContain('rom.write-while-mapped');
    expect(missing).toHaveLength(coverage.rules.length - 3);
    expect(stale).toEqual(['decoding.on']);
  });
});
