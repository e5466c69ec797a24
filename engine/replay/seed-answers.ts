// SPDX-License-Identifier: GPL-2.0-only
import { LINUX_STATES, type SystemState, XEN_STATES } from '../semantics/states.ts';
import { type Facts, outcomeUnder, type Subject } from './compare-outcome.ts';

/** What a trace of a discussion answers: a few facts of its outcome, and which states agree about them. */

/** A line of a golden file. undefined: the outcome has no such line. */
export interface AnswerFact {
  readonly key: string;
  readonly value: string | undefined;
}

/** What some states answer alike. */
export interface SeedAnswer {
  readonly states: readonly string[];
  readonly facts: readonly AnswerFact[];
}

export interface SeedAnswers {
  /** In the order of the states. */
  readonly answers: readonly SeedAnswer[];
  /** What the trace says to be its answer and is of an event or a state that no outcome has. */
  readonly unknown: readonly string[];
}

/** So many of the facts that differ are shown where a trace does not say which ones answer its question. */
const MAX_FACTS = 4;

const isBeginning = (item: string, key: string): boolean => key === item || key.startsWith(`${item} `);
const isSame = (item: string, key: string): boolean => key === item;

/** Of which event, or after which one, a line is; what follows may well be missing, and that be the answer. */
const placeOf = (key: string): string | undefined => /^(?:event \d+|after event \d+|final)(?= |$)/.exec(key)?.[0];

const isAnswer = (key: string): boolean => key.startsWith('event ');

/** Answers say most, then the end, then what was in between. */
const byWeight = (keys: readonly string[]): readonly string[] => {
  const weight = (key: string): number => (isAnswer(key) ? 0 : key.startsWith('final ') ? 1 : 2);
  return [...keys].sort((a, b) => weight(a) - weight(b));
};

/** For a trace that does not say what answers it: what differs; if nothing does, the last answer. */
const chooseKeys = (outcomes: readonly Facts[]): readonly string[] => {
  const keys = [...new Set(outcomes.flatMap((facts) => [...facts.keys()]))];
  const differing = keys.filter((key) => new Set(outcomes.map((facts) => facts.get(key))).size > 1);
  return differing.length > 0 ? byWeight(differing).slice(0, MAX_FACTS) : keys.filter(isAnswer).slice(-1);
};

type Names = (item: string, key: string) => boolean;

/** The facts of one outcome that `items` name; an item that names none is a fact without value. */
const pick = (facts: Facts, items: readonly string[], names: Names): readonly AnswerFact[] => {
  const all = [...facts].map(([key, value]) => ({ key, value }));
  const picked = items.flatMap((item): readonly AnswerFact[] => {
    const found = all.filter(({ key }) => names(item, key));
    return found.length > 0 ? found : [{ key: item, value: undefined }];
  });
  const end = all.find(({ value }) => /^undefined\b/.test(value));
  if (end === undefined) return picked;
  // What would come later is not known.
  return [...picked.filter(({ key, value }) => value !== undefined && key !== end.key), end];
};

/** What each of `states` answers to the question of a trace. `directive`: what the trace says to be its answer. */
export const seedAnswers = (
  subject: Subject,
  states: readonly SystemState[],
  directive: string | undefined,
): SeedAnswers => {
  const outcomes = new Map(states.map(({ name, behaviours }) => [name, outcomeUnder(subject, behaviours)]));
  const all = [...outcomes.values()];
  const items = directive?.split(';').map((item) => item.trim()) ?? chooseKeys(all);
  const groups = new Map<string, { readonly states: string[]; readonly facts: readonly AnswerFact[] }>();
  for (const [name, outcome] of outcomes) {
    const facts = pick(outcome, items, directive === undefined ? isSame : isBeginning);
    const text = JSON.stringify(facts);
    const group = groups.get(text) ?? { states: [], facts };
    group.states.push(name);
    groups.set(text, group);
  }
  const places = new Set(all.flatMap((facts) => [...facts.keys()].map(placeOf)));
  return { answers: [...groups.values()], unknown: items.filter((item) => !places.has(placeOf(item))) };
};

/** Consecutive names of a series as `first..last`, the last release left out if it is the newest. */
const rangesIn = (series: readonly string[], names: readonly string[]): readonly string[] => {
  const parts: string[] = [];
  for (let index = 0; index < series.length; index++) {
    const first = series[index] ?? '';
    if (!names.includes(first)) continue;
    while (names.includes(series[index + 1] ?? '')) index++;
    const last = index === series.length - 1 ? '' : (series[index] ?? '');
    parts.push(first === series[index] ? first : `${first}..${last}`);
  }
  return parts;
};

/** Names of states with runs of releases as ranges: `xen-4.17..xen-4.19`, `xen-4.20..`; then the other names. */
export const foldNames = (names: readonly string[]): readonly string[] => {
  const series = [XEN_STATES, LINUX_STATES].map((states) => states.map(({ name }) => name));
  const others = names.filter((name) => !series.some((one) => one.includes(name)));
  return [...series.flatMap((one) => rangesIn(one, names)), ...others];
};
