// SPDX-License-Identifier: GPL-2.0-only
import type { Subject } from '../engine/replay/compare-outcome.ts';
import {
  type Kept,
  type KeptAnswer,
  keepAnswers,
  keepRecorded,
  keepRule,
  keepUndefined,
} from '../engine/replay/shrink-kept.ts';
import { keepParting } from '../engine/replay/shrink-parting.ts';
import { RULES, type RuleId } from '../engine/semantics/rules.ts';
import type { SystemState } from '../engine/semantics/states.ts';
import { didYouMean } from '../engine/trace/nearest.ts';
import { type Args, flagOf, textOf, textsOf } from './args.ts';
import { unknownField } from './field-option.ts';
import { type Finding, partingFinding, recordFinding, singleFinding } from './shrink-finding.ts';
import { eventIndex, namesWith, type OpenedSubject, statesNamed } from './subject.ts';

/** What the command line asks to keep, and how it is told of a trace that shows it. */
export interface Asked {
  readonly kept: Kept;
  /** The states under which the trace shows it; golden files are made for them. */
  readonly states: readonly SystemState[];
  describe(smaller: Subject): Finding;
}

/** Indices of the events with these numbers, ascending. */
const indicesOf = ({ trace }: OpenedSubject, texts: readonly string[]): readonly number[] | string => {
  const indices = new Set<number>();
  for (const text of texts) {
    const index = eventIndex(trace, 'event', text);
    if (typeof index === 'string') return index;
    indices.add(index);
  }
  return [...indices].sort((a, b) => a - b);
};

const isRule = (name: string): name is RuleId => Object.hasOwn(RULES, name);

const ofTwo = (
  { subject, trace }: OpenedSubject,
  [a, b]: readonly [SystemState, SystemState],
  index: number | undefined,
  field: string | undefined,
): Asked | string => {
  const question = { ...(index === undefined ? {} : { index }), ...(field === undefined ? {} : { field }) };
  const kept = keepParting(subject, a, b, question);
  if (kept === undefined) {
    const unknown = field === undefined ? undefined : unknownField(subject, [a, b], field);
    if (unknown !== undefined) return unknown;
    const about = field !== undefined ? ` about '${field}'` : index !== undefined ? ' about the event' : '';
    return `${trace.path}: ${a.name} and ${b.name} agree${about}: there is no difference to keep`;
  }
  return { kept, states: [a, b], describe: (smaller) => partingFinding(kept, [a, b], smaller) };
};

const ofOne = (opened: OpenedSubject, state: SystemState, indices: readonly number[], args: Args): Asked | string => {
  const { subject, trace, applicable } = opened;
  const [rule, isRecorded, [index, more]] = [textOf(args, 'rule'), flagOf(args, 'recorded'), indices];
  const asked = (kept: KeptAnswer | undefined, otherwise: string): Asked | string =>
    kept === undefined
      ? `${trace.path}: on ${state.name} ${otherwise}`
      : { kept, states: [state], describe: (smaller) => singleFinding(kept, smaller, state, applicable) };
  if (more !== undefined && (rule !== undefined || isRecorded)) return '--event: expected it once here';
  if (isRecorded) {
    const kept = keepRecorded(subject, state, index === undefined ? undefined : trace.events[index]?.seq);
    if (kept === undefined)
      return `${trace.path}: on ${state.name} nothing that was recorded differs: there is no difference to keep`;
    return { kept, states: [state], describe: (smaller) => recordFinding(smaller, state) };
  }
  if (rule !== undefined) {
    if (!isRule(rule)) return `--rule ${rule}: there is no such rule${didYouMean(rule, Object.keys(RULES))}`;
    return asked(
      keepRule(subject, state, rule, index),
      `${rule} decides nothing${index === undefined ? '' : ' there'}`,
    );
  }
  if (index !== undefined)
    return asked(
      keepAnswers(subject, state, indices),
      'the event is not reached, or answers nothing and no rule decides',
    );
  return asked(
    keepUndefined(subject, state),
    'Xen stays within defined behaviour; expected a second release, --event N, --rule ID or --recorded',
  );
};

/** What is to be kept; text: what is wrong with the command line, or that there is nothing to keep. */
export const askedOf = (opened: OpenedSubject, args: Args): Asked | string => {
  const names = namesWith(textsOf(args, 'release'), textsOf(args, 'with'), opened.applicable);
  if ('wrong' in names) return names.wrong;
  const alone = ['rule', 'recorded'].filter((name) => args[name] !== undefined && args[name] !== false);
  const field = textOf(args, 'field');
  const states = statesNamed(names, opened.applicable);
  if (!states.ok) return states.message;
  const indices = indicesOf(opened, textsOf(args, 'event'));
  if (typeof indices === 'string') return indices;
  const [index, another] = indices;
  if (field !== undefined && index !== undefined) return '--field and --event: expected one of them';
  if (alone.length > 1) return `--rule and --recorded: expected one of them`;
  const [a, b, more] = states.states;
  const newest = states.states.at(-1);
  if (a === undefined || b === undefined || newest === undefined) {
    if (a === undefined) return 'expected a release: --release NAME';
    return field === undefined ? ofOne(opened, a, indices, args) : '--field goes with two releases';
  }
  if (more !== undefined) return 'expected one release, or two';
  if (alone.length === 0 && another !== undefined) return '--event: expected it once for two releases';
  if (alone.length === 0) return ofTwo(opened, [a, b], index, field);
  return names.length === 0 ? ofOne(opened, newest, indices, args) : `--${alone[0]} goes with one release`;
};
