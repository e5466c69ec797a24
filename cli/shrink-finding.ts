// SPDX-License-Identifier: GPL-2.0-only
import type { Subject } from '../engine/replay/compare-outcome.ts';
import { parseFacts } from '../engine/replay/compare-outcome.ts';
import { compareWithRecord } from '../engine/replay/recorded.ts';
import { replayTrace } from '../engine/replay/replay.ts';
import { endingOf, ruleOf } from '../engine/replay/shrink-end.ts';
import type { KeptParting } from '../engine/replay/shrink-parting.ts';
import { whyEvent } from '../engine/replay/why.ts';
import type { SystemState } from '../engine/semantics/states.ts';
import { causeText } from './cause-text.ts';
import { paint } from './colour.ts';
import { rules } from './model.ts';

/** Columns that mail is read in. */
export const REPORT_WIDTH = 72;

/** What a shrunk trace shows, in words. */
export interface Finding {
  /** One line. */
  readonly subject: string;
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
  const text = render([{ ret: 0, seq: ending.event.seq }], [ending.event]);
  const [key = ''] = parseFacts(text).keys();
  const [answer = 'nothing'] = parseFacts(render([ending.line], [ending.event])).values();
  return { key, answer };
};

/** The rules of the last event, each once. */
const ruleLines = (subject: Subject, state: SystemState): readonly string[] => {
  const reasons = whyEvent(subject, state.behaviours, subject.events.length - 1);
  if (reasons === undefined || 'end' in reasons) return [];
  const names = [...new Set(reasons.decisions.map(({ rule }) => rule))];
  return names.flatMap((name) => {
    const rule = rules.get(name);
    return rule === undefined ? [] : [`  ${name}: ${rule.says}`, `    ${rule.where}`];
  });
};

const decided = (subject: Subject, state: SystemState): readonly string[] => {
  const lines = ruleLines(subject, state);
  return lines.length === 0 ? [] : [`Decided on ${state.name} by\n${lines.join('\n')}\n`];
};

const seen = (values: readonly (readonly [name: string, value: string])[]): string =>
  values.map(([name, value]) => `  ${name}: ${value}\n`).join('');

/** A fact's key without its event's number and what a subject line has no room for. */
const brief = (key: string): string =>
  key
    .replace(/^(?:after )?event \d+ |^final /, '')
    .split(' ')
    .filter((word) => !word.includes('='))
    .join(' ');

export const partingFinding = (
  kept: KeptParting,
  [a, b]: readonly [SystemState, SystemState],
  smaller: Subject,
): Finding => {
  const cause = kept.explain(smaller);
  const [first] = cause?.differences ?? [];
  if (cause === undefined || first === undefined) throw new Error('a shrunk trace shows what was kept');
  const value = (text: string | undefined): string => text?.split('\n')[0] ?? '-';
  return {
    subject: `${brief(first.key)}: ${value(first.a)} on ${a.name}, ${value(first.b)} on ${b.name}`,
    paragraphs: [
      `${a.name} and ${b.name} differ\n${causeText(cause, [a.name, b.name], { all: true, colours: paint(false), width: REPORT_WIDTH })}`,
      ...decided(smaller, a),
      ...decided(smaller, b),
    ],
    command: (trace) => `hvreplay compare ${trace} --release ${a.name} --release ${b.name}`,
  };
};

const decides = ({ machine, events }: Subject, { behaviours }: SystemState, rule: string): boolean =>
  [...(endingOf(machine, events, behaviours)?.decisions ?? [])].some((decision) => ruleOf(decision) === rule);

/** Releases in a row that answer alike. */
const byRelease = (subject: Subject, states: readonly SystemState[], rule: string | undefined): string => {
  const groups: { first: string; last: string; answer: string }[] = [];
  for (const state of states) {
    const { answer: said } = answerAt(subject, state);
    const answer =
      rule === undefined ? said : `${said}; ${rule} ${decides(subject, state, rule) ? 'decides' : 'does not'}`;
    const group = groups.at(-1);
    if (group?.answer === answer) group.last = state.name;
    else groups.push({ first: state.name, last: state.name, answer });
  }
  return seen(groups.map(({ first, last, answer }) => [first === last ? first : `${first} to ${last}`, answer]));
};

/** `rule`: what was asked for, if it was one. */
export const singleFinding = (
  subject: Subject,
  state: SystemState,
  applicable: readonly SystemState[],
  rule: string | undefined,
): Finding => {
  const { key, answer } = answerAt(subject, state);
  const says = rule === undefined ? undefined : rules.get(rule)?.says;
  const states = applicable.some(({ name }) => name === state.name) ? applicable : [...applicable, state];
  return {
    subject: `${brief(key)}: ${says ?? answer} on ${state.name}`,
    paragraphs: [`${key}\n${byRelease(subject, states, rule)}`, ...decided(subject, state)],
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
  return {
    subject: `${brief(key)}: recorded ${recorded}, ${modelled ?? 'nothing'} on ${state.name}`,
    paragraphs: [
      `${key}\n  expected (recorded ${what}): ${recorded}\n  got (${state.name}): ${modelled ?? 'nothing'}\n`,
      ...decided(subject, state),
    ],
    command: (trace) => `hvreplay conform ${trace} --release ${state.name}`,
  };
};
