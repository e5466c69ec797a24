// SPDX-License-Identifier: GPL-2.0-only
import type { SystemBehaviours } from '../semantics/states.ts';
import { type FactDifference, outcomeUnder, type Subject } from './compare-outcome.ts';
import { type Step, withSteps } from './compare-steps.ts';

/**
 * Why facts differ. `one`: the change alone makes the difference. `together`: only all of them do, no fewer.
 * `any-of`: each alone does, and none is needed as long as another one is there.
 */
export interface Cause {
  readonly kind: 'one' | 'together' | 'any-of';
  readonly steps: readonly Step[];
  /** Changes that others, made at the same time, would undo the difference without. */
  readonly keptBy: readonly Step[];
  readonly differences: readonly FactDifference[];
}

/** What facts that differ say when only some of the steps are made. Each choice of steps is replayed once. */
type Ask = (made: readonly Step[], key: string) => string | undefined;

const makeAsk = (subject: Subject, start: SystemBehaviours, keys: readonly string[], steps: readonly Step[]): Ask => {
  const known = new Map<string, ReadonlyMap<string, string | undefined>>();
  return (made, key) => {
    const name = made.map((step) => steps.indexOf(step)).join();
    let facts = known.get(name);
    if (facts === undefined) {
      const outcome = outcomeUnder(subject, withSteps(start, made));
      // Only what differs is kept: outcomes may be long.
      facts = new Map(keys.map((one) => [one, outcome.get(one)]));
      known.set(name, facts);
    }
    return facts.get(key);
  };
};

const without = (steps: readonly Step[], ...left: readonly Step[]): readonly Step[] =>
  steps.filter((step) => !left.includes(step));

type Finding = Omit<Cause, 'differences' | 'keptBy'>;

/** Leaves steps out one by one as long as the fact stays what it is with all of them. */
const fewest = (ask: Ask, steps: readonly Step[], { key, b }: FactDifference): readonly Step[] => {
  let needed = steps;
  for (const step of steps) {
    const fewer = without(needed, step);
    if (ask(fewer, key) === b) needed = fewer;
  }
  return needed;
};

/** Whether `steps` make the difference and none of them can be left out. */
const explains = (ask: Ask, steps: readonly Step[], { key, b }: FactDifference): boolean =>
  ask(steps, key) === b && steps.every((step) => ask(without(steps, step), key) !== b);

const causeOf = (ask: Ask, steps: readonly Step[], difference: FactDifference, known: readonly Finding[]): Finding => {
  const { key, b } = difference;
  const alone = steps.filter((step) => ask([step], key) === b);
  const only = alone.length > 1 ? alone.filter((step) => ask(without(steps, step), key) !== b) : alone;
  if (only.length === 1) return { kind: 'one', steps: only };
  if (alone.length > 1) return { kind: 'any-of', steps: alone };
  const again = known.find((one) => one.kind === 'together' && explains(ask, one.steps, difference));
  return again ?? { kind: 'together', steps: fewest(ask, steps, difference) };
};

const idOf = ({ kind, steps, keptBy }: Omit<Cause, 'differences'>, all: readonly Step[]): string =>
  [kind, ...steps.map((step) => all.indexOf(step)), '/', ...keptBy.map((step) => all.indexOf(step))].join();

/** Steps that can matter to a trace: those of parts that its machine has. */
const stepsFor = (subject: Subject, steps: readonly Step[]): readonly Step[] =>
  steps.filter(
    ({ area }) =>
      (area !== 'arm' || subject.machine.armMachine !== undefined) &&
      (area !== 'linux' || subject.machine.grantMachine !== undefined),
  );

/**
 * Explains differences between the outcome under `start` and that with all `steps` made, by making single steps and,
 * where no single one does, by leaving out what is not needed. Causes come in the order of their first difference.
 */
export const causesOf = (
  subject: Subject,
  start: SystemBehaviours,
  all: readonly Step[],
  differences: readonly FactDifference[],
): readonly Cause[] => {
  const steps = stepsFor(subject, all);
  const keys = differences.map(({ key }) => key);
  const ask = makeAsk(subject, start, keys, steps);
  const findings: Finding[] = [];
  const grouped = new Map<string, Omit<Cause, 'differences'> & { readonly differences: FactDifference[] }>();
  for (const difference of differences) {
    const finding = causeOf(ask, steps, difference, findings);
    const { key, b } = difference;
    const keptBy = without(steps, ...finding.steps).filter((step) => ask(without(steps, step), key) !== b);
    const id = idOf({ ...finding, keptBy }, steps);
    const group = grouped.get(id);
    if (group !== undefined) group.differences.push(difference);
    else {
      findings.push(finding);
      grouped.set(id, { ...finding, keptBy, differences: [difference] });
    }
  }
  return [...grouped.values()];
};
