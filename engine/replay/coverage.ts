// SPDX-License-Identifier: GPL-2.0-only
import { RULES, type RuleId } from '../semantics/rules.ts';
import type { Trail } from '../xen/state.ts';

/**
 * Rules that no trace can exercise, each with a reason that a reader can check. Whoever adds one shows why no authored
 * trace can lead there; whoever makes it reachable takes it out again.
 */
export const UNREACHED: Readonly<Partial<Record<RuleId, string>>> = {};

/** One trace under one release. */
export interface CoverageRun {
  readonly trace: string;
  readonly release: string;
  /** Replays to the end, telling `trail` of every rule that decides something. */
  replay(trail: Trail): void;
}

/** Where a rule decided something. */
export interface RuleCoverage {
  readonly rule: RuleId;
  /** Number of traces, whatever the release. */
  readonly traces: number;
  /** In the order in which they were first replayed. */
  readonly releases: readonly string[];
}

export interface Coverage {
  /** All that was replayed, in the order in which it first was. */
  readonly releases: readonly string[];
  /** Every rule there is, by name. */
  readonly rules: readonly RuleCoverage[];
}

// Object.keys gives exactly the names that RuleId is made of.
const ruleIds = (Object.keys(RULES) as RuleId[]).sort();

/** Counts which rules decide something in which traces. Whatever a replay throws ends the count. */
export const measureCoverage = (runs: Iterable<CoverageRun>): Coverage => {
  const traces = new Map<RuleId, Set<string>>(ruleIds.map((rule) => [rule, new Set()]));
  const hits = new Map<RuleId, Set<string>>(ruleIds.map((rule) => [rule, new Set()]));
  const replayed = new Set<string>();
  for (const { trace, release, replay } of runs) {
    replayed.add(release);
    replay({
      record: (rule) => {
        traces.get(rule)?.add(trace);
        hits.get(rule)?.add(release);
      },
    });
  }
  const releases = [...replayed];
  return {
    releases,
    rules: ruleIds.map((rule) => ({
      rule,
      traces: traces.get(rule)?.size ?? 0,
      releases: releases.filter((release) => hits.get(rule)?.has(release)),
    })),
  };
};

/** Rules that nothing exercised in `release`; undefined: in any release. */
export const neverExercised = ({ rules }: Coverage, release?: string): readonly RuleId[] =>
  rules
    .filter(({ releases }) => (release === undefined ? releases.length === 0 : !releases.includes(release)))
    .map(({ rule }) => rule);

/** What is wrong with a coverage: rules without trace and reason, and reasons for rules that a trace does exercise. */
export interface CoverageGaps {
  readonly missing: readonly RuleId[];
  readonly stale: readonly RuleId[];
}

export const findGaps = (
  coverage: Coverage,
  reasons: Readonly<Partial<Record<RuleId, string>>> = UNREACHED,
): CoverageGaps => {
  const never = new Set(neverExercised(coverage));
  return {
    missing: [...never].filter((rule) => reasons[rule] === undefined),
    stale: ruleIds.filter((rule) => reasons[rule] !== undefined && !never.has(rule)),
  };
};
