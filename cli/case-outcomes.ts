// SPDX-License-Identifier: GPL-2.0-only

import type { GoldenText } from '../engine/golden/text.ts';
import { allChoices } from './choices.ts';
import type { CaseReport } from './reporters/report-schema.ts';
import type { Choice, LoadedTrace, Session } from './session.ts';

type Outcome = NonNullable<CaseReport['outcomes']>[number];

/** A timeline looks at the whole state after each event. */
const MAX_TIMELINE_EVENTS = 10_000;
const MAX_TIMELINE_LENGTH = 2 ** 21;

const timelineFor = (choice: Choice, trace: LoadedTrace): Pick<Outcome, 'timeline' | 'leftOut'> => {
  const { length } = trace.events;
  if (length > MAX_TIMELINE_EVENTS) return { leftOut: `${length} events, ${MAX_TIMELINE_EVENTS} at most` };
  const { steps, ...rest } = choice.timeline(trace);
  const timeline = JSON.stringify({ ...rest, steps: steps.map((step, at) => ({ ...step, line: trace.lineOf(at) })) });
  if (timeline.length > MAX_TIMELINE_LENGTH)
    return { leftOut: `${timeline.length} characters of it, ${MAX_TIMELINE_LENGTH} at most` };
  return { timeline };
};

/** The outcomes that the releases and proposals have, each once, with what the first of them did event by event. */
export const outcomesOf = (
  { model }: Session,
  trace: LoadedTrace,
  outcomes: ReadonlyMap<string, GoldenText>,
): Outcome[] => {
  const byBody = new Map<string, string[]>();
  for (const [release, { body }] of outcomes) {
    const releases = byBody.get(body);
    if (releases === undefined) byBody.set(body, [release]);
    else releases.push(release);
  }
  const choices = allChoices(model);
  return [...byBody.values()].map((releases) => {
    const choice = choices.find(({ name }) => name === releases[0]);
    return { releases, ...(choice === undefined ? {} : timelineFor(choice, trace)) };
  });
};
