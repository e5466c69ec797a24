// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { anything, bisect, containing, ofEvent } from '../../engine/replay/bisect.ts';
import { differingFacts, type FactDifference, outcomeUnder } from '../../engine/replay/compare-outcome.ts';
import { type Step, stepsBetween, withSteps } from '../../engine/replay/compare-steps.ts';
import { LINUX_STATES, type SystemState, XEN_STATES } from '../../engine/semantics/states.ts';
import { authored, state, trace } from './corpus.ts';

const corpus = authored();

type CorpusTrace = (typeof corpus)[number];

interface Shown {
  readonly one: CorpusTrace;
  readonly difference: FactDifference;
}

/** A fact of a trace that both taking the change back and the release itself change. */
const findShown = (from: SystemState, to: SystemState, step: Step, steps: readonly Step[]): Shown | undefined => {
  const back = withSteps(
    from.behaviours,
    steps.filter((other) => other !== step),
  );
  for (const one of corpus) {
    if (!one.releases.includes(from.name) || !one.releases.includes(to.name)) continue;
    const after = outcomeUnder(one.subject, to.behaviours);
    const withoutStep = new Set(differingFacts(outcomeUnder(one.subject, back), after).map(({ key }) => key));
    if (withoutStep.size === 0) continue;
    const difference = differingFacts(outcomeUnder(one.subject, from.behaviours), after).find(({ key }) =>
      withoutStep.has(key),
    );
    if (difference !== undefined) return { one, difference };
  }
  return undefined;
};

interface Case {
  readonly name: string;
  readonly from: SystemState;
  readonly to: SystemState;
  readonly step: Step;
  readonly steps: readonly Step[];
}

const cases = [XEN_STATES, LINUX_STATES].flatMap((line): readonly Case[] =>
  line.slice(1).flatMap((to, index) => {
    const from = line[index];
    if (from === undefined) return [];
    const steps = stepsBetween(from, to);
    return steps.map((step) => ({ name: `${step.area} ${step.behaviour} in ${to.name}`, from, to, step, steps }));
  }),
);

const observable = cases.flatMap((one) => {
  const shown = findShown(one.from, one.to, one.step, one.steps);
  return shown === undefined ? [] : [{ ...one, shown }];
});

describe('bisect names the commit of every change that a trace of the corpus shows', () => {
  test('of which there are many', () => expect(observable.length).toBeGreaterThan(40));

  test.each(observable)('$name', ({ from, to, step, steps, shown }) => {
    const { subject } = shown.one;
    const { key, b } = shown.difference;
    const line = from === LINUX_STATES[0] ? LINUX_STATES : XEN_STATES;
    const found = bisect(subject, line, (difference) => difference.key === key).filter(
      (transition) => transition.to === to.name,
    );
    expect(found.map(({ causes }) => causes.length)).toEqual([1]);
    const { kind, steps: made = [], keptBy = [] } = found[0]?.causes[0] ?? {};
    const named = [...made, ...keptBy].map(({ behaviour, origin }) => [behaviour, origin]);
    expect(named).toContainEqual([step.behaviour, step.origin]);
    expect(kind).toBe(made.length === 1 ? 'one' : 'together');
    const value = (some: readonly Step[]): string | undefined =>
      outcomeUnder(subject, withSteps(from.behaviours, some)).get(key);
    const without = (all: readonly Step[], left: Step): readonly Step[] =>
      all.filter(({ area, behaviour }) => area !== left.area || behaviour !== left.behaviour);
    expect(value(made)).toBe(b);
    for (const left of made) expect(value(without(made, left))).not.toBe(b);
    for (const left of keptBy) expect(value(without(steps, left))).not.toBe(b);
  });

  test('most of them alone, without any other', () => {
    const alone = observable.filter(({ from, to, step, shown }) => {
      const found = bisect(shown.one.subject, [from, to], ({ key }) => key === shown.difference.key);
      const { steps = [], keptBy = [] } = found[0]?.causes[0] ?? {};
      return steps.length === 1 && keptBy.length === 0 && steps[0]?.origin === step.origin;
    });
    expect(alone.length).toBeGreaterThan(observable.length / 2);
  });
});

describe('bisect', () => {
  const origins = (name: string, concerns = anything): readonly string[] =>
    bisect(trace(name).subject, XEN_STATES, concerns).flatMap(({ to, causes }) =>
      causes.flatMap(({ steps }) => steps.map(({ origin }) => `${to} ${origin}`)),
    );

  test('finds the release that refuses VFs without PF', () => {
    expect(origins('sriov/vf-before-pf', ofEvent(4))).toContain('xen-4.20 8fe330a4da');
  });

  test('names each release that changed an answer, once for each time that it changed', () => {
    const found = bisect(trace('sriov/vf-before-pf').subject, XEN_STATES, ofEvent(4));
    expect(found.map(({ to }) => to)).toEqual(['xen-4.20']);
    expect(found[0]?.causes[0]?.differences).toMatchObject([{ a: '0', b: '-ENODEV' }]);
  });

  test('takes text of a fact, its key or its value', () => {
    expect(origins('hidden/look-up', containing('hardware bar 0'))).toEqual(['xen-4.18 465217b0f8']);
    expect(origins('hidden/look-up', containing('no fact says this'))).toEqual([]);
  });

  test('says when only changes together make a difference', () => {
    const { subject } = trace('sriov/pf-removed-with-vfs');
    const [transition] = bisect(subject, [state('xen-4.18'), state('xen-4.19')], ofEvent(4));
    expect(transition?.causes).toMatchObject([
      { kind: 'together', steps: [{ behaviour: 'vfBeforePf' }, { behaviour: 'pfRemovalWithVfs' }] },
    ]);
  });

  test('finds nothing between equal releases', () => {
    expect(bisect(trace('hidden/look-up').subject, [state('xen-4.22'), state('xen-unstable')], anything)).toEqual([]);
  });
});
