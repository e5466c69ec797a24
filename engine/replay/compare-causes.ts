// SPDX-License-Identifier: GPL-2.0-only
import type { SystemBehaviours } from '../semantics/states.ts';
import { endUnder, type FactDifference, type Subject } from './compare-outcome.ts';
import { type Step, valueIn, withSteps } from './compare-steps.ts';

/**
 * Why facts differ. `one`: the change alone makes the difference. `together`: only all of them do, no fewer.
 * `any-of`: each alone does, and none is needed as long as another one is there.
 */
export interface Cause {
  readonly kind: 'one' | 'together' | 'any-of';
  readonly steps: readonly Step[];
  /** Changes that are needed too once all the others between the two states are made. */
  readonly keptBy: readonly Step[];
  /** Changes without which the others leave defined behaviour, so that nothing is known of the fact. */
  readonly undefinedWithout: readonly Step[];
  readonly differences: readonly FactDifference[];
}

/** What facts that differ say when only some of the steps are made. Each choice of steps is replayed once. */
interface Mixes {
  readonly ask: (made: readonly Step[], key: string) => string | undefined;
  /** Whether Xen's own code leaves defined behaviour then. */
  readonly isUndefined: (made: readonly Step[]) => boolean;
}

interface Mix {
  readonly facts: ReadonlyMap<string, string | undefined>;
  readonly isUndefined: boolean;
}

const makeMixes = (
  subject: Subject,
  start: SystemBehaviours,
  keys: readonly string[],
  steps: readonly Step[],
): Mixes => {
  const known = new Map<string, Mix>();
  const mixOf = (made: readonly Step[]): Mix => {
    const name = made.map((step) => steps.indexOf(step)).join();
    const again = known.get(name);
    if (again !== undefined) return again;
    const { facts, isUndefined } = endUnder(subject, withSteps(start, made));
    // Only what differs is kept: outcomes may be long.
    const mix = { facts: new Map(keys.map((one) => [one, facts.get(one)])), isUndefined };
    known.set(name, mix);
    return mix;
  };
  return { ask: (made, key) => mixOf(made).facts.get(key), isUndefined: (made) => mixOf(made).isUndefined };
};

const without = (steps: readonly Step[], ...left: readonly Step[]): readonly Step[] =>
  steps.filter((step) => !left.includes(step));

type Finding = Pick<Cause, 'kind' | 'steps'>;

type Ask = Mixes['ask'];

/** Each choice of `size` of the steps, in their order. */
function* choices(steps: readonly Step[], size: number): Generator<readonly Step[]> {
  if (size === 0) yield [];
  else
    for (const [index, step] of steps.entries())
      for (const more of choices(steps.slice(index + 1), size - 1)) yield [step, ...more];
}

/** Leaves steps out one by one, until the fact does not stay what it is with all of them whichever is left out. */
const leftOut = (ask: Ask, steps: readonly Step[], { key, b }: FactDifference): readonly Step[] => {
  let needed = steps;
  for (const step of steps) {
    const fewer = without(needed, step);
    if (ask(fewer, key) === b) needed = fewer;
  }
  return needed.length === steps.length ? needed : leftOut(ask, needed, { key, a: undefined, b });
};

/** The fewest of these steps that do: some that are needed beside one another may not be without one another. */
const fewest = (ask: Ask, steps: readonly Step[], difference: FactDifference): readonly Step[] => {
  const needed = leftOut(ask, steps, difference);
  // One alone does not, and none of them can be left out. One fact never hangs on more than a few changes.
  for (let size = 2; size < needed.length - 1; size++)
    for (const some of choices(needed, size)) if (ask(some, difference.key) === difference.b) return some;
  return needed;
};

/** Whether `steps` make the difference and none of them can be left out. */
const explains = (ask: Ask, steps: readonly Step[], { key, b }: FactDifference): boolean =>
  ask(steps, key) === b && steps.every((step) => ask(without(steps, step), key) !== b);

/**
 * The steps up to the release from which on the fact is what it is at the end, and those of that release: what came
 * later has not made it so.
 */
const since = (
  ask: Ask,
  steps: readonly Step[],
  { key, b }: FactDifference,
): { readonly upTo: readonly Step[]; readonly own: readonly Step[] } => {
  const ends = steps.flatMap(({ state }, index) => (steps[index + 1]?.state === state ? [] : [index + 1]));
  const before = [0, ...ends.slice(0, -1)].findLast((end) => ask(steps.slice(0, end), key) !== b) ?? 0;
  const end = ends.find((one) => one > before) ?? steps.length;
  return { upTo: steps.slice(0, end), own: steps.slice(before, end) };
};

const causeOf = (ask: Ask, all: readonly Step[], difference: FactDifference, known: readonly Finding[]): Finding => {
  const { key, b } = difference;
  const { upTo: steps, own } = since(ask, all, difference);
  const doAlone = (some: readonly Step[]): readonly Step[] => some.filter((step) => ask([step], key) === b);
  const ofRelease = doAlone(own);
  const alone = ofRelease.length > 0 ? ofRelease : doAlone(steps);
  const only = alone.length > 1 ? alone.filter((step) => ask(without(steps, step), key) !== b) : alone;
  if (only.length === 1) return { kind: 'one', steps: only };
  if (alone.length > 1) return { kind: 'any-of', steps: alone };
  const again = known.find(
    (one) =>
      one.kind === 'together' &&
      one.steps.every((step) => steps.includes(step)) &&
      explains(ask, one.steps, difference),
  );
  return again ?? { kind: 'together', steps: fewest(ask, steps, difference) };
};

/** What is needed besides the finding once all steps are made, apart from where nothing is known without. */
const othersNeeded = (
  { ask, isUndefined }: Mixes,
  steps: readonly Step[],
  made: readonly Step[],
  { key, b }: FactDifference,
): Pick<Cause, 'keptBy' | 'undefinedWithout'> => {
  const others = without(steps, ...made);
  const isLost = (step: Step): boolean => isUndefined(without(steps, step)) && !isUndefined(steps);
  // A part of a commit is no state that there was.
  const isNeededAtAll = ({ origin, state }: Step): boolean =>
    ask(without(steps, ...others.filter((one) => one.origin === origin && one.state === state)), key) !== b;
  const needed = others.filter((step) => ask(without(steps, step), key) !== b);
  return {
    keptBy: needed.filter((step) => !isLost(step)),
    undefinedWithout: needed.filter((step) => isLost(step) && isNeededAtAll(step)),
  };
};

/** The steps with what each changes when no others are made: one in between may be missing. */
const asMade = (start: SystemBehaviours, { kind, steps }: Finding): readonly Step[] =>
  steps.map((step, index) => ({
    ...step,
    from: valueIn(withSteps(start, kind === 'any-of' ? [] : steps.slice(0, index)), step),
  }));

type Reason = Omit<Cause, 'differences'>;

const idOf = ({ kind, steps, keptBy, undefinedWithout }: Reason, all: readonly Step[]): string =>
  [kind, ...[steps, keptBy, undefinedWithout].map((some) => some.map((step) => all.indexOf(step)).join(' '))].join();

/** Steps that can matter to a trace: those of parts that its machine has. */
const stepsFor = (subject: Subject, steps: readonly Step[]): readonly Step[] =>
  steps.filter(
    ({ area }) =>
      (area !== 'arm' || subject.machine.armMachine !== undefined) &&
      (area !== 'linux' || subject.machine.grantMachine !== undefined),
  );

/**
 * Explains differences between the outcome under `start` and that with all `steps` made, by looking for the release
 * from which on a fact is what it is, making single steps of that one and, where no single one does, leaving out what
 * is not needed. Causes come in the order of their first difference.
 */
export const causesOf = (
  subject: Subject,
  start: SystemBehaviours,
  all: readonly Step[],
  differences: readonly FactDifference[],
): readonly Cause[] => {
  const steps = stepsFor(subject, all);
  const keys = differences.map(({ key }) => key);
  const mixes = makeMixes(subject, start, keys, steps);
  const findings: Finding[] = [];
  const grouped = new Map<string, Reason & { readonly differences: FactDifference[] }>();
  for (const difference of differences) {
    const finding = causeOf(mixes.ask, steps, difference, findings);
    const others = othersNeeded(mixes, steps, finding.steps, difference);
    const id = idOf({ ...finding, ...others }, steps);
    const group = grouped.get(id);
    if (group !== undefined) group.differences.push(difference);
    else {
      findings.push(finding);
      grouped.set(id, { ...finding, steps: asMade(start, finding), ...others, differences: [difference] });
    }
  }
  return [...grouped.values()];
};
