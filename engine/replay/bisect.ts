// SPDX-License-Identifier: GPL-2.0-only
import type { SystemState } from '../semantics/states.ts';
import { type Cause, causesOf } from './compare-causes.ts';
import { differingFacts, type FactDifference, outcomeUnder, type Subject } from './compare-outcome.ts';
import { stepsBetween } from './compare-steps.ts';

/** A step from one state to the next that changed the outcome. */
export interface Transition {
  readonly from: string;
  readonly to: string;
  readonly causes: readonly Cause[];
}

/** Which differences are asked about. */
export type Concerns = (difference: FactDifference) => boolean;

export const anything: Concerns = () => true;

/** The answer of one event. */
export const ofEvent =
  (seq: number): Concerns =>
  ({ key }) =>
    key.startsWith(`event ${seq} `);

/** Facts whose line of text, `key: value`, contains `text`, under one of the two states at least. */
export const containing =
  (text: string): Concerns =>
  ({ key, a, b }) =>
    `${key}: ${a ?? ''}`.includes(text) || `${key}: ${b ?? ''}`.includes(text);

/**
 * Goes through `states` in order and tells every step between two of them that changed what is asked about, with the
 * listed changes that did.
 */
export const bisect = (subject: Subject, states: readonly SystemState[], concerns: Concerns): readonly Transition[] => {
  const outcomes = states.map(({ behaviours }) => outcomeUnder(subject, behaviours));
  return states.slice(1).flatMap((to, index) => {
    const from = states[index];
    const [before, after] = [outcomes[index], outcomes[index + 1]];
    if (from === undefined || before === undefined || after === undefined) return [];
    const found = differingFacts(before, after).filter(concerns);
    if (found.length === 0) return [];
    const causes = causesOf(subject, from.behaviours, stepsBetween(from, to), found);
    return [{ from: from.name, to: to.name, causes }];
  });
};
