// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { applicableTo } from '../../cli/applicable.ts';
import { checkCases, reportOn } from '../../cli/check-corpus.ts';
import { type Corpus, discover } from '../../cli/corpus.ts';
import { coverCorpus } from '../../cli/cover-corpus.ts';
import { model } from '../../cli/model.ts';
import { goldenBody } from '../../cli/outcome.ts';
import { exitCodeOf } from '../../cli/reporters/report.ts';
import { type Choice, type LoadedTrace, makeSession } from '../../cli/session.ts';
import { findGaps } from '../../engine/replay/coverage.ts';
import { replayTrace } from '../../engine/replay/replay.ts';
import { ARM_RELEASES } from '../../engine/semantics/arm.ts';
import { LINUX_RELEASES } from '../../engine/semantics/linux.ts';
import { RELEASES } from '../../engine/semantics/releases.ts';
import { findState, type SystemBehaviours } from '../../engine/semantics/states.ts';

const corpusOf = (...paths: readonly string[]): Corpus => {
  const found = discover(paths, undefined);
  if (!found.ok) throw new Error(found.message);
  return found.corpus;
};

const session = makeSession(model);
const corpus = corpusOf('traces');

describe('the corpus', () => {
  test('agrees with its golden files, and no file is redundant or orphaned', () => {
    const report = reportOn(
      corpus,
      checkCases(session, corpus, {}, () => undefined),
      undefined,
      undefined,
    );
    const wrong = report.cases
      .filter(({ findings, error }) => findings.length > 0 || error !== undefined)
      .map(({ name, findings, error }) => `${name}: ${error ?? findings.map(({ kind }) => kind).join(', ')}`);
    expect(wrong).toEqual([]);
    expect(report.strays).toEqual([]);
    expect(exitCodeOf(report)).toBe(0);
  });

  test('says with each trace what a reader learns from it', () => {
    const silent = corpus.cases.filter(({ trace }) => {
      const loaded = session.loadTrace(trace);
      return !loaded.ok || (loaded.value.header.title ?? '') === '';
    });
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test('has a golden file for each release that a title tells a change of', () => {
    const names = RELEASES.map(({ name }) => name);
    const wrong = corpus.cases.flatMap(({ name, trace }) => {
      const loaded = session.loadTrace(trace);
      const title = (loaded.ok ? loaded.value.header.title : undefined) ?? '';
      const golden = corpus.goldenFiles.get(name);
      return [...title.matchAll(/\b(since|until) (\d+\.\d+)/g)].flatMap(([said, word, version]) => {
        const at = names.indexOf(`xen-${version}`) + (word === 'until' ? 1 : 0);
        return golden?.has(names[at] ?? '') ? [] : [`${name}: ${said}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  test('exercises every rule that has no reason not to be exercised', () => {
    const covered = coverCorpus(session, corpus);
    if (!covered.ok) throw new Error(covered.message);
    expect(findGaps(covered.coverage)).toEqual({ missing: [], stale: [] });
  });
});

/** Calls that a release or proposal that the trace is meant for refuses, and no rule tells why. */
const unexplained = (trace: LoadedTrace): readonly string[] => {
  const applicable = applicableTo(model, trace);
  const choices = applicable.ok ? [...applicable.value.order, ...applicable.value.proposals] : [];
  return choices.flatMap(({ name, replay }) => {
    let isExplained = false;
    const trail = {
      record: () => {
        isExplained = true;
      },
    };
    const found: string[] = [];
    for (const { seq, ret } of replay({ machine: trace.machine, logging: 'off', trail }, trace.events)) {
      if (typeof ret === 'number' && ret < 0 && !isExplained)
        found.push(`${trace.path} event ${seq} on ${name}: ${ret}`);
      isExplained = false;
    }
    return found;
  });
};

/** What the golden file of a trace would say if Xen and its guest behaved like that. */
const bodyUnder = (trace: LoadedTrace, behaviours: SystemBehaviours): string => {
  const choice: Pick<Choice, 'replay'> = {
    replay: ({ machine }, events) => replayTrace({ machine, behaviours }, events),
  };
  return goldenBody(session, trace, choice);
};

const behavioursOf = (name: string): SystemBehaviours => {
  const state = findState(name);
  if (state === undefined) throw new Error(`${name} is no state`);
  return state.behaviours;
};

/** Recordings are long, and none was made to show a change. */
const authored = corpus.cases.flatMap(({ name, trace }) => {
  if (name.startsWith('recorded/')) return [];
  const loaded = session.loadTrace(trace);
  const applicable = loaded.ok ? applicableTo(model, loaded.value) : undefined;
  if (!loaded.ok || !applicable?.ok) return [];
  const { order, proposals } = applicable.value;
  return [{ trace: loaded.value, states: new Set([...order, ...proposals].map((choice) => choice.name)) }];
});

interface Case {
  readonly state: string;
  readonly behaviour: string;
  /** The state's behaviours without the change. */
  readonly back: SystemBehaviours;
}

interface Changed<B> {
  readonly name: string;
  readonly changes: readonly { readonly behaviour: keyof B & string }[];
  readonly behaviours: B;
}

/** Each change of each release but the oldest, with what `revert` makes of the release before. */
const changesOf = <B extends object>(
  releases: readonly Changed<B>[],
  revert: (state: SystemBehaviours, part: Partial<B>) => SystemBehaviours,
): readonly Case[] =>
  releases.flatMap(({ name, changes }, index) => {
    const before = releases[index - 1]?.behaviours;
    if (before === undefined) return [];
    return changes.map(({ behaviour }) => {
      const part: Partial<B> = {};
      part[behaviour] = before[behaviour];
      return { state: name, behaviour, back: revert(behavioursOf(name), part) };
    });
  });

describe.each([
  { what: 'Xen', least: 30, cases: changesOf(RELEASES, (state, part) => ({ ...state, ...part })) },
  {
    what: 'Xen on Arm',
    least: 10,
    cases: changesOf(ARM_RELEASES, (state, part) => ({ ...state, arm: { ...state.arm, ...part } })),
  },
  {
    what: 'Linux',
    least: 3,
    cases: changesOf(LINUX_RELEASES, (state, part) => ({ ...state, linux: { ...state.linux, ...part } })),
  },
])('what releases of $what changed', ({ least, cases }) => {
  test('is there to be looked at', () => expect(cases.length).toBeGreaterThanOrEqual(least));

  test.each(cases)('shows in a trace: $behaviour in $state', ({ state, back }) => {
    const shows = authored.some(
      ({ trace, states }) => states.has(state) && bodyUnder(trace, behavioursOf(state)) !== bodyUnder(trace, back),
    );
    expect(shows).toBe(true);
  });
});

test('no call is refused without a rule that says why', () => {
  expect(authored.length).toBeGreaterThan(300);
  expect(authored.flatMap(({ trace }) => unexplained(trace))).toEqual([]);
});

describe('proposals', () => {
  test.each(model.proposals.map(({ name }) => name))('%s has a trace that answers otherwise under it', (name) => {
    const others = [...model.series.flat(), ...model.proposals].filter((choice) => choice.name !== name);
    const shows = authored.some(({ trace, states }) => {
      const meant = others.filter((choice) => states.has(choice.name));
      if (!states.has(name) || meant.length === 0) return false;
      const body = bodyUnder(trace, behavioursOf(name));
      return meant.some((choice) => bodyUnder(trace, behavioursOf(choice.name)) !== body);
    });
    expect(shows).toBe(true);
  });
});
