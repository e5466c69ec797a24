// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { compareAll, compareStates } from '../../engine/replay/compare.ts';
import { outcomeUnder } from '../../engine/replay/compare-outcome.ts';
import { stepsBetween, withSteps } from '../../engine/replay/compare-steps.ts';
import { LINUX_STATES, PROPOSAL_STATES, XEN_STATES } from '../../engine/semantics/states.ts';
import { authored, state, trace } from './corpus.ts';

const ALL_STATES = [...XEN_STATES, ...LINUX_STATES, ...PROPOSAL_STATES, state('xen-4.20+pfvf-busy')];

describe('the changes between two states', () => {
  test.each(ALL_STATES)('lead from $name to every other state', (a) => {
    for (const b of ALL_STATES) expect(withSteps(a.behaviours, stepsBetween(a, b))).toEqual(b.behaviours);
  });

  test('are those that the releases list, in their order, with what each changes', () => {
    const steps = stepsBetween(state('xen-4.18'), state('xen-4.21'));
    const status = steps.filter(({ behaviour }) => behaviour === 'statusRegister');
    expect(status.map(({ from, to, state: at, undone }) => [from, to, at, undone])).toEqual([
      ['hardware', 'trapped', 'xen-4.19', false],
      ['trapped', 'trapped-for-guests', 'xen-4.21', false],
    ]);
  });

  test('are taken back on the way to an older release', () => {
    expect(stepsBetween(state('xen-4.20'), state('xen-4.19')).every(({ undone }) => undone)).toBe(true);
  });

  test('of a proposal are its own, not what its tree lacked of the release', () => {
    const steps = stepsBetween(state('pfvf-before'), state('pfvf-v6'));
    expect(steps.map(({ origin, state: at }) => [origin, at])).toEqual([
      ['as posted', 'pfvf-v6'],
      ['as posted', 'pfvf-v6'],
      ['as posted', 'pfvf-v6'],
    ]);
  });
});

describe('compare', () => {
  test('finds the first answer that differs, and the commit behind it', () => {
    const { first, causes } = compareStates(trace('sriov/vf-before-pf').subject, state('xen-4.19'), state('xen-4.20'));
    expect(first).toMatchObject({ what: 'answer', event: { seq: 4 } });
    expect(first?.causes).toMatchObject([{ kind: 'one', steps: [{ behaviour: 'vfBeforePf', origin: '8fe330a4da' }] }]);
    expect(causes).toHaveLength(1);
  });

  test('finds a state that differs before any answer does', () => {
    const { first } = compareStates(trace('hidden/look-up').subject, state('xen-4.17'), state('xen-4.18'));
    expect(first).toMatchObject({ what: 'state', event: { seq: 3 } });
    expect(first?.causes.flatMap(({ steps }) => steps.map(({ origin }) => origin))).toEqual(['465217b0f8']);
  });

  test('finds the same first event in a trace that is too long to look at each state', () => {
    const { subject } = trace('hidden/look-up');
    const [head, ...rest] = subject.events;
    if (head === undefined) throw new Error('the trace has events');
    const notes = Array.from({ length: 3000 }, (_, index) => ({
      ...head,
      ...{ seq: 100 + index, op: 'note', args: {} },
    }));
    const long = { ...subject, events: [head, ...notes, ...rest] };
    const { first } = compareStates(long, state('xen-4.17'), state('xen-4.18'));
    expect(first).toMatchObject({ what: 'state', event: { seq: 3 } });
  });

  test('follows a proposal as it does a release', () => {
    const { subject } = trace('sriov/pf-removed-with-vfs');
    const { first } = compareStates(subject, state('pfvf-merged'), state('pfvf-v6'));
    expect(first?.causes.flatMap(({ steps }) => steps.map(({ origin }) => origin))).toContain('as posted');
  });

  test.each([['hidden/look-up'], ['bars/move']])('of a state with itself finds nothing: %s', (name) => {
    const { subject } = trace(name);
    expect(compareStates(subject, state('xen-4.21'), state('xen-4.21'))).toMatchObject({
      first: undefined,
      causes: [],
    });
  });

  test('explains every difference between the oldest and the newest release, in every trace', () => {
    const unexplained: string[] = [];
    let compared = 0;
    for (const { name, subject, releases } of authored()) {
      const [a, b] = [releases[0], releases.at(-1)];
      if (a === undefined || b === undefined) continue;
      const { first, causes } = compareStates(subject, state(a), state(b));
      if (causes.length > 0) compared++;
      if (causes.some(({ steps }) => steps.length === 0)) unexplained.push(`${name}: a cause without changes`);
      if (causes.length > 0 && first === undefined) unexplained.push(`${name}: no first event`);
    }
    expect(compared).toBeGreaterThan(50);
    expect(unexplained).toEqual([]);
  });

  const causeOf = (name: string, a: string, b: string, key: string) =>
    compareStates(trace(name).subject, state(a), state(b)).causes.find((cause) =>
      cause.differences.some((one) => one.key === key),
    );

  test('blames no release later than the one from which on a fact is what it is', () => {
    const cause = causeOf('sriov/vf-before-pf', 'xen-4.17', 'xen-unstable', 'final device 0000:03:00.0 vfs');
    expect(cause).toMatchObject({
      kind: 'together',
      steps: [
        { behaviour: 'vfBeforePf', from: 'pf-added-failure-ignored', to: 'pf-added', origin: '4e18a39056' },
        { behaviour: 'vfLink', from: 'none', to: 'on-first-add', origin: '4e18a39056' },
      ],
    });
  });

  test('shows what a change is made from, also where one before it is left out', () => {
    const { first } = compareStates(trace('sriov/vf-before-pf').subject, state('xen-4.17'), state('xen-unstable'));
    expect(first?.causes[0]?.steps).toMatchObject([
      { from: 'pf-added-failure-ignored', to: 'refused', origin: '8fe330a4da' },
    ]);
  });

  test('names a change apart without which the others leave defined behaviour', () => {
    const cause = causeOf('msix/hole-of-a-new-owner', 'xen-4.18', 'xen-4.19', 'final device 0000:00:03.0 vpci');
    expect(cause).toMatchObject({
      keptBy: [{ behaviour: 'vpciOnOwnerChange' }],
      undefinedWithout: [{ behaviour: 'mapRequest' }],
    });
  });

  test.each(['sriov/', 'capabilities/', 'findings/', 'extended-space/'])(
    'names changes of which no fewer make the difference: %s',
    (subjects) => {
      let together = 0;
      for (const { name, subject, releases } of authored().filter((one) => one.name.startsWith(subjects))) {
        const [a, b] = [releases[0], releases.at(-1)];
        if (a === undefined || b === undefined) continue;
        const start = state(a).behaviours;
        for (const { kind, steps, differences } of compareStates(subject, state(a), state(b)).causes) {
          const [one] = differences;
          if (kind !== 'together' || one === undefined) continue;
          together++;
          const choices = Array.from({ length: 2 ** steps.length }, (_, bits) =>
            steps.filter((_step, index) => Math.floor(bits / 2 ** index) % 2 === 1),
          );
          const enough = choices.filter((made) => outcomeUnder(subject, withSteps(start, made)).get(one.key) === one.b);
          expect([name, enough]).toEqual([name, [steps]]);
        }
      }
      expect(together).toBeGreaterThan(0);
    },
  );

  test('makes a matrix of each pair', () => {
    const states = ['xen-4.17', 'xen-4.18', 'xen-4.19'].map(state);
    expect(compareAll(trace('hidden/look-up').subject, states).map(({ a, b, seq }) => [a, b, seq])).toEqual([
      ['xen-4.17', 'xen-4.18', 3],
      ['xen-4.17', 'xen-4.19', 3],
      ['xen-4.18', 'xen-4.19', undefined],
    ]);
  });
});
