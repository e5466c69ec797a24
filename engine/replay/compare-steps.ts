// SPDX-License-Identifier: GPL-2.0-only
import { ARM_RELEASES } from '../semantics/arm.ts';
import { ARM_PROPOSALS } from '../semantics/arm-proposals.ts';
import { GRANT_PROPOSALS, LINUX_RELEASES } from '../semantics/linux.ts';
import { PROPOSALS } from '../semantics/proposals.ts';
import { RELEASES } from '../semantics/releases.ts';
import { findState, type SystemBehaviours, type SystemState, withProposal } from '../semantics/states.ts';

/** Whose behaviour: Xen's on x86, its code for Arm, or the guest's. */
export type Area = 'xen' | 'arm' | 'linux';

/** A listed change, where its state comes from. */
interface Entry {
  readonly area: Area;
  readonly behaviour: string;
  readonly to: string;
  /** Abbreviated commit, or where it was proposed. */
  readonly origin: string;
  readonly why: string;
  /** The release, guest or proposal that lists the change. */
  readonly state: string;
  /** What a development tree lacked of the release that a proposal is based on; no part of the proposal. */
  readonly assumed: boolean;
}

/** One change on the way from one state to another. */
export interface Step extends Omit<Entry, 'assumed'> {
  readonly from: string;
  /** The way goes back in time: the step takes the change away. */
  readonly undone: boolean;
}

interface Listed {
  readonly behaviour: string;
  readonly to: string;
  readonly commit?: string;
  readonly source?: string;
  readonly why: string;
}

const entriesOf = (area: Area, state: string, changes: readonly Listed[], assumed = false): readonly Entry[] =>
  changes.map(({ behaviour, to, commit, source, why }) => ({
    ...{ area, behaviour, to, why, state, assumed },
    origin: commit ?? source ?? '',
  }));

/** Changes by release, oldest first, each an object of its own: histories that share one share the object. */
const XEN = RELEASES.map(({ name, changes }) => ({
  name,
  entries: [
    ...entriesOf('xen', name, changes),
    ...entriesOf('arm', name, ARM_RELEASES.find((release) => release.name === name)?.changes ?? []),
  ],
}));
const LINUX = LINUX_RELEASES.map(({ name, changes }) => ({ name, entries: entriesOf('linux', name, changes) }));

type Series = readonly { readonly name: string; readonly entries: readonly Entry[] }[];

const upTo = (series: Series, name: string | undefined): readonly Entry[] => {
  const end = name === undefined ? series.length - 1 : series.findIndex((one) => one.name === name);
  return series.slice(0, end + 1).flatMap(({ entries }) => entries);
};

interface Proposed {
  /** undefined: the newest release. */
  readonly base: string | undefined;
  readonly entries: readonly Entry[];
}

const PROPOSED = new Map<string, Proposed>();
for (const { name, base, before, changes } of PROPOSALS)
  PROPOSED.set(name, { base, entries: [...entriesOf('xen', name, before, true), ...entriesOf('xen', name, changes)] });
for (const { name, changes } of ARM_PROPOSALS)
  PROPOSED.set(name, { base: undefined, entries: entriesOf('arm', name, changes) });
for (const { name, changes } of GRANT_PROPOSALS)
  PROPOSED.set(name, { base: undefined, entries: entriesOf('linux', name, changes) });

/** All listed changes that make up a state, in the order in which they are applied to the oldest one. */
const historyOf = (state: string): readonly Entry[] => {
  const [base = '', ...added] = state.split('+');
  const own = PROPOSED.get(base);
  const guest = LINUX.some(({ name }) => name === base) ? base : undefined;
  const release = own === undefined ? (guest === undefined ? base : undefined) : own.base;
  return [
    ...upTo(LINUX, guest),
    ...upTo(XEN, release),
    ...(own?.entries ?? []),
    ...added.flatMap((name) => PROPOSED.get(name)?.entries.filter(({ assumed }) => !assumed) ?? []),
  ];
};

/** A state by name; `xen-…+proposal` is a release with a proposal. undefined: there is none of that name. */
export const stateNamed = (name: string): SystemState | undefined => {
  const [base = '', ...added] = name.split('+');
  let state = findState(base);
  for (const proposal of added) state = state && withProposal(state, proposal);
  return state;
};

const behaviourSets = (
  behaviours: SystemBehaviours,
): readonly (readonly [Area, Readonly<Record<string, string>>])[] => {
  const { linux, arm, ...xen } = behaviours;
  return [
    ['xen', { ...xen }],
    ['arm', { ...arm }],
    ['linux', { ...linux }],
  ];
};

export const valueIn = (behaviours: SystemBehaviours, { area, behaviour }: Pick<Entry, 'area' | 'behaviour'>): string =>
  behaviourSets(behaviours).find(([name]) => name === area)?.[1][behaviour] ?? '';

/** The same listed change, whatever it changed from. */
export const isSameStep = (one: Step, other: Step): boolean =>
  one.area === other.area && one.behaviour === other.behaviour && one.state === other.state && one.to === other.to;

/** `base` with the steps made, in their order. */
export const withSteps = (base: SystemBehaviours, steps: readonly Step[]): SystemBehaviours => {
  const part = (wanted: Area): Readonly<Record<string, never>> =>
    // Each step's value was a value of that behaviour where the step was listed.
    Object.fromEntries(
      steps.filter(({ area }) => area === wanted).map(({ behaviour, to }) => [behaviour, to as never]),
    );
  return {
    ...base,
    ...part('xen'),
    arm: { ...base.arm, ...part('arm') },
    linux: { ...base.linux, ...part('linux') },
  };
};

/** Along one line of releases: what the later history has on top, forwards or backwards. */
const alongLine = (rest: readonly Entry[], start: SystemBehaviours, undone: boolean): readonly Step[] => {
  let behaviours = start;
  const steps: Step[] = [];
  for (const { assumed: _assumed, ...entry } of rest) {
    const from = valueIn(behaviours, entry);
    const step = { ...entry, from, undone };
    behaviours = withSteps(behaviours, [step]);
    if (from !== entry.to) steps.push(step);
  }
  return undone ? steps.toReversed().map(({ from, to, ...step }) => ({ ...step, from: to, to: from })) : steps;
};

const lastFor = (history: readonly Entry[], area: Area, behaviour: string): Entry | undefined =>
  history.findLast((entry) => entry.area === area && entry.behaviour === behaviour);

/** The change that two states on different lines differ by, and whether the way from `a` to `b` takes it back. */
const responsible = (
  a: Entry | undefined,
  b: Entry | undefined,
  historyA: readonly Entry[],
  historyB: readonly Entry[],
): readonly [Entry | undefined, boolean] => {
  const isNew = (entry: Entry | undefined, other: readonly Entry[]): boolean =>
    entry !== undefined && !entry.assumed && !other.includes(entry);
  if (isNew(b, historyA)) return [b, false];
  if (isNew(a, historyB)) return [a, true];
  return a?.assumed || a === undefined ? [b, false] : [a, true];
};

const acrossLines = (
  a: SystemState,
  b: SystemState,
  historyA: readonly Entry[],
  historyB: readonly Entry[],
): readonly Step[] => {
  const before = new Map(behaviourSets(a.behaviours));
  return behaviourSets(b.behaviours).flatMap(([area, values]) =>
    Object.entries(values).flatMap(([behaviour, to]): Step[] => {
      const from = before.get(area)?.[behaviour] ?? '';
      if (from === to) return [];
      const [entry, undone] = responsible(
        lastFor(historyA, area, behaviour),
        lastFor(historyB, area, behaviour),
        historyA,
        historyB,
      );
      const { origin, why, state } = entry ?? { origin: '', why: '', state: b.name };
      return [{ area, behaviour, from, to, origin, why, state, undone }];
    }),
  );
};

const isPrefix = (short: readonly Entry[], long: readonly Entry[]): boolean =>
  short.every((entry, index) => long[index] === entry);

/**
 * The listed changes between two states, in order: along one line of releases each of them, also where a later one
 * changes a behaviour again; between other states one for each behaviour that differs.
 */
export const stepsBetween = (a: SystemState, b: SystemState): readonly Step[] => {
  const [historyA, historyB] = [historyOf(a.name), historyOf(b.name)];
  if (isPrefix(historyA, historyB)) return alongLine(historyB.slice(historyA.length), a.behaviours, false);
  if (isPrefix(historyB, historyA)) return alongLine(historyA.slice(historyB.length), b.behaviours, true);
  return acrossLines(a, b, historyA, historyB);
};
