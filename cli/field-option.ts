// SPDX-License-Identifier: GPL-2.0-only
import { subjectOfKey } from '../engine/golden/diff.ts';
import { containing } from '../engine/replay/bisect.ts';
import { type Facts, outcomeUnder, type Subject } from '../engine/replay/compare-outcome.ts';
import type { SystemState } from '../engine/semantics/states.ts';
import { didYouMean } from '../engine/trace/nearest.ts';
import { listed } from './text.ts';

/** What a text may have been meant for: fields, devices, domains and operations, as the facts' keys have them. */
const namesIn = (outcomes: readonly Facts[]): readonly string[] => {
  const names = new Set<string>();
  for (const outcome of outcomes)
    for (const key of outcome.keys()) {
      const { op, device, domain, field } = subjectOfKey(key);
      for (const name of [field, device, domain, op]) if (name !== undefined && key.includes(name)) names.add(name);
    }
  return [...names];
};

/** What is wrong with the text of `--field`: no fact contains it under any of the states; undefined: one does. */
export const unknownField = (subject: Subject, states: readonly SystemState[], text: string): string | undefined => {
  const outcomes = states.map(({ behaviours }) => outcomeUnder(subject, behaviours));
  const isThere = containing(text);
  if (outcomes.some((facts) => [...facts].some(([key, a]) => isThere({ key, a, b: undefined })))) return undefined;
  const names = namesIn(outcomes);
  return `--field ${text}: no fact contains this${didYouMean(text, names) || `; ${listed(names)}`}`;
};
