// SPDX-License-Identifier: GPL-2.0-only
import { eventKey } from '../engine/golden/event-facts.ts';
import { parseFacts, type Subject } from '../engine/replay/compare-outcome.ts';
import { compareWithRecord } from '../engine/replay/recorded.ts';
import { replayTrace } from '../engine/replay/replay.ts';
import { endingOf } from '../engine/replay/shrink-end.ts';
import type { KeptAnswer } from '../engine/replay/shrink-kept.ts';
import type { KeptParting } from '../engine/replay/shrink-parting.ts';
import { whyEvent } from '../engine/replay/why.ts';
import type { SystemState } from '../engine/semantics/states.ts';
import { causeText } from './cause-text.ts';
import { paint } from './colour.ts';
import { model, rules } from './model.ts';

/** Columns that mail is read in. */
export const REPORT_WIDTH = 72;

/** What a shrunk trace shows, in words. */
export interface Finding {
  /** One line. */
  readonly subject: string;
  /** Numbers of the events that show it. */
  readonly shows: readonly number[];
  /** The releases that do the same, if it is not about two of them. */
  readonly releases?: string;
  /** What decided in the events that show it. */
  readonly rules: readonly string[];
  /** What differs and why, by paragraphs. */
  readonly paragraphs: readonly string[];
  /** The rest of the command line that shows it, behind the trace: `--release xen-4.20`. */
  readonly command: (trace: string) => string;
}

/** What the last event is and answers under a state. */
const answerAt = (
  { machine, events, render }: Subject,
  { behaviours }: SystemState,
): { readonly key: string; readonly answer: string } => {
  const ending = endingOf(machine, events, behaviours);
  if (ending === undefined) return { key: '', answer: 'not reached' };
  const key = eventKey(ending.event, model.registry);
  const [answer = 'nothing'] = parseFacts(render([ending.line], [ending.event])).values();
  return { key, answer };
};

interface Deciding {
  readonly seq: number;
  /** In the order in which they were first applied. */
  readonly rules: readonly string[];
}

/** The rules that decided in the event with this index. */
const decidingAt = (subject: Subject, state: SystemState, index: number): Deciding => {
  const reasons = whyEvent(subject, state.behaviours, index);
  const decisions = reasons === undefined || 'end' in reasons ? [] : reasons.decisions;
  return { seq: subject.events[index]?.seq ?? 0, rules: [...new Set(decisions.map(({ rule }) => rule))] };
};

const lastDeciding = (subject: Subject, state: SystemState): Deciding =>
  decidingAt(subject, state, subject.events.length - 1);

const decidedBy = (state: SystemState, { seq, rules: names }: Deciding): readonly string[] => {
  const lines = names.flatMap((name) => {
    const rule = rules.get(name);
    return rule === undefined ? [] : [`  ${name}: ${rule.says}`, `    ${rule.where}`];
  });
  return lines.length === 0 ? [] : [`Event ${seq} was decided on ${state.name} by\n${lines.join('\n')}\n`];
};

const rulesOf = (deciding: readonly Deciding[]): readonly string[] => [
  ...new Set(deciding.flatMap(({ rules: names }) => names)),
];

const seen = (values: readonly (readonly [name: string, value: string])[]): string =>
  values.map(([name, value]) => `  ${name}: ${value}\n`).join('');

/** A fact's key without its event's number and what a subject line has no room for. */
const brief = (key: string): string =>
  key
    .replace(/^(?:after )?event \d+ |^final /, '')
    .split(' ')
    .filter((word) => !word.includes('='))
    .join(' ');

const lastOf = ({ events }: Subject): readonly number[] => events.slice(-1).map(({ seq }) => seq);

export const partingFinding = (
  kept: KeptParting,
  [a, b]: readonly [SystemState, SystemState],
  smaller: Subject,
): Finding => {
  const cause = kept.explain(smaller);
  const [first] = cause?.differences ?? [];
  if (cause === undefined || first === undefined) throw new Error('a shrunk trace shows what was kept');
  const deciding = [a, b].map((state) => ({ state, ...lastDeciding(smaller, state) }));
  const value = (text: string | undefined): string => text?.split('\n')[0] ?? '-';
  return {
    subject: `${brief(first.key)}: ${value(first.a)} on ${a.name}, ${value(first.b)} on ${b.name}`,
    shows: lastOf(smaller),
    rules: rulesOf(deciding),
    paragraphs: [
      `${a.name} and ${b.name} differ\n${causeText(cause, [a.name, b.name], { all: true, colours: paint(false), width: REPORT_WIDTH })}`,
      ...deciding.flatMap(({ state, ...one }) => decidedBy(state, one)),
    ],
    command: (trace) => `hvreplay compare ${trace} --release ${a.name} --release ${b.name}`,
  };
};

/** `xen-4.19 to xen-4.21, xen-unstable`: those of `names` that are meant, where they follow each other as ranges. */
const releaseRanges = (names: readonly string[], meant: readonly boolean[]): string => {
  const ranges: { first: string; last: string }[] = [];
  names.forEach((name, index) => {
    const range = ranges.at(-1);
    if (!meant[index]) return;
    if (range !== undefined && meant[index - 1]) range.last = name;
    else ranges.push({ first: name, last: name });
  });
  return ranges.map(({ first, last }) => (first === last ? first : `${first} to ${last}`)).join(', ');
};

/** Releases in a row that do so, or do not. */
const byRelease = (kept: KeptAnswer, { machine, events }: Subject, states: readonly SystemState[]): string => {
  const shown = states.map((state) => kept.shownUnder(state, machine, events) !== undefined);
  return releaseRanges(
    states.map(({ name }) => name),
    shown,
  );
};

/** What each event answers under a state, without the details of its answer. */
const answers = ({ machine, events, render }: Subject, { behaviours }: SystemState): string => {
  const lines = [...replayTrace({ machine, behaviours, logging: 'off' }, events)].filter(({ final }) => !final);
  return seen(
    [...parseFacts(render(lines, events))].filter(([key]) => key.startsWith('event ') && !key.includes(' -> ')),
  );
};

export const singleFinding = (
  kept: KeptAnswer,
  subject: Subject,
  state: SystemState,
  applicable: readonly SystemState[],
): Finding => {
  const { key, answer } = answerAt(subject, state);
  const shown = kept.shownUnder(state, subject.machine, subject.events) ?? [];
  const states = applicable.some(({ name }) => name === state.name) ? applicable : [...applicable, state];
  const releases = byRelease(kept, subject, states);
  const deciding = shown.map((index) => decidingAt(subject, state, index));
  return {
    subject: `${brief(key)}: ${answer} on ${state.name}`,
    releases,
    rules: rulesOf(deciding),
    shows: shown.flatMap((index) => subject.events[index]?.seq ?? []),
    paragraphs: [
      `${state.name} answers\n${answers(subject, state)}`,
      `The same in ${releases}.\n`,
      ...deciding.flatMap((one) => decidedBy(state, one)),
    ],
    command: (trace) => `hvreplay why ${trace} --event ${subject.events.length} --release ${state.name}`,
  };
};

export const recordFinding = (subject: Subject, state: SystemState): Finding => {
  const { machine, events } = subject;
  const { key } = answerAt(subject, state);
  const { divergences } = compareWithRecord(
    events,
    replayTrace({ machine, behaviours: state.behaviours, logging: 'reads-and-writes' }, events),
  );
  const divergence = divergences.at(-1);
  if (divergence === undefined) throw new Error('a shrunk trace shows what was kept');
  const { what, recorded, modelled } = divergence;
  const deciding = lastDeciding(subject, state);
  return {
    subject: `${brief(key)}: recorded ${recorded}, ${modelled ?? 'nothing'} on ${state.name}`,
    shows: lastOf(subject),
    rules: rulesOf([deciding]),
    paragraphs: [
      `${key}\n  expected (recorded ${what}): ${recorded}\n  got (${state.name}): ${modelled ?? 'nothing'}\n`,
      ...decidedBy(state, deciding),
    ],
    command: (trace) => `hvreplay conform ${trace} --release ${state.name}`,
  };
};
