// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { applicableTo } from '../../cli/applicable.ts';
import { checkCorpus, exitCodeOf } from '../../cli/check-corpus.ts';
import { type Corpus, discover } from '../../cli/corpus.ts';
import { coverCorpus } from '../../cli/cover-corpus.ts';
import { model } from '../../cli/model.ts';
import { goldenBody } from '../../cli/outcome.ts';
import { type Choice, type LoadedTrace, makeSession } from '../../cli/session.ts';
import { findGaps } from '../../engine/replay/coverage.ts';
import { replayTrace } from '../../engine/replay/replay.ts';
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
    const report = checkCorpus(session, corpus, {}, () => undefined);
    const wrong = report.cases
      .filter(({ findings, error }) => findings.length > 0 || error !== undefined)
      .map(({ name, findings, error }) => `${name}: ${error?.message ?? findings.map(({ kind }) => kind).join(', ')}`);
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

  test('exercises every rule that has no reason not to be exercised', () => {
    const covered = coverCorpus(session, corpus);
    if (!covered.ok) throw new Error(covered.message);
    expect(findGaps(covered.coverage)).toEqual({ missing: [], stale: [] });
  });
});

/** What the golden file of a trace would say if Xen behaved like that. */
const bodyUnder = (trace: LoadedTrace, behaviours: SystemBehaviours): string => {
  const choice: Choice = {
    name: 'a release with a change taken back',
    replay: ({ machine }, events) => replayTrace({ machine, behaviours }, events),
  };
  return goldenBody(session, trace, choice);
};

const behavioursOf = (name: string): SystemBehaviours => {
  const state = findState(name);
  if (state === undefined) throw new Error(`${name} is no release`);
  return state.behaviours;
};

describe('each change of a release', () => {
  const traces = corpus.cases.flatMap(({ name, trace }) => {
    // Recordings are long, and no trace is recorded to show a change.
    if (name.startsWith('recorded/')) return [];
    const loaded = session.loadTrace(trace);
    return loaded.ok ? [loaded.value] : [];
  });

  const showsIt = (release: string, back: SystemBehaviours): boolean =>
    traces.some((trace) => {
      const applicable = applicableTo(model, trace.header);
      if (!applicable.ok || !applicable.value.order.some(({ name }) => name === release)) return false;
      return bodyUnder(trace, behavioursOf(release)) !== bodyUnder(trace, back);
    });

  const changes = RELEASES.flatMap(({ name, changes }, index) => {
    const before = RELEASES[index - 1];
    return before === undefined
      ? []
      : changes.map(({ behaviour }) => ({
          release: name,
          behaviour,
          back: { ...behavioursOf(name), [behaviour]: before.behaviours[behaviour] },
        }));
  });

  test('is there to be looked at', () => expect(changes.length).toBeGreaterThan(30));

  test.each(changes)('is seen in a trace: $behaviour in $release', ({ release, back }) => {
    expect(showsIt(release, back)).toBe(true);
  });
});
