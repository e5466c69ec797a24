// SPDX-License-Identifier: GPL-2.0-only
import type { SystemBehaviours, SystemState } from '../semantics/states.ts';
import type { ModelMachine } from '../state/model-world.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import { containing } from './bisect.ts';
import { type Cause, causesOf } from './compare-causes.ts';
import { firstDifference } from './compare-first.ts';
import {
  differingFacts,
  type FactDifference,
  type Facts,
  outcomeUnder,
  parseFacts,
  type Subject,
} from './compare-outcome.ts';
import { isSameStep, stepsBetween, withSteps } from './compare-steps.ts';
import { endingOf, stateAtEnd } from './shrink-end.ts';
import { type Kept, keptIf } from './shrink-kept.ts';

/** Which part of the end is looked at: the last event's answer, or the state after it. */
type Part = 'answer' | 'state';

/** In front of a fact of the state. */
const PLACE = /^(?:after event \d+|final) /;
const EVENT_KEY = /^event \d+ (\S+).*?(?: -> (.*))?$/;
const NAMES = /[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|0x[0-9a-f]+|\bd\d+\b/g;

/** All ones is no number: it is what a read answers when nothing does. */
const blank = (text: string | undefined): string | undefined =>
  text?.replace(NAMES, (name) => (/^0xf+$/.test(name) ? 'all ones' : '#'));

/**
 * What a difference is, whichever event, device, domain, frame or value shows it: the field, and the two sides but for
 * numbers and names.
 */
const kindOf = ({ key, a, b }: FactDifference): string => {
  const [, op, field = ''] = EVENT_KEY.exec(key) ?? [];
  const place = op === undefined ? blank(key)?.replace(/\d+/g, '#') : `${op} ${field}`;
  return JSON.stringify([place, blank(a), blank(b)]);
};

/** The facts of one part of the end. */
const endFacts = (
  { render, hardware }: Subject,
  part: Part,
  machine: ModelMachine,
  events: readonly TraceEvent[],
  behaviours: SystemBehaviours,
): Facts | undefined => {
  const ending = endingOf(machine, events, behaviours, hardware ? 'writes' : 'off');
  const line = part === 'answer' || ending === undefined ? ending?.line : stateAtEnd(ending);
  if (ending === undefined || line === undefined) return undefined;
  return parseFacts(render([line], part === 'answer' ? [ending.event] : []));
};

/** The subject with an outcome of which only one part of the end is told. */
const lookingAt = (subject: Subject, part: Part): Subject => {
  const last = subject.events.at(-1)?.seq;
  const wanted = (line: ResultLine): boolean => (part === 'state' ? line.final === true : line.seq === last);
  return {
    ...subject,
    render: (lines, events) => subject.render([...lines].filter(wanted), events),
  };
};

/** Behaviours under which the fact has to be as under `b`, and those under which it must not. */
interface Variants {
  readonly same: readonly SystemBehaviours[];
  readonly other: readonly SystemBehaviours[];
}

const variantsFor = (
  subject: Subject,
  a: SystemState,
  b: SystemState,
  found: readonly FactDifference[],
): { readonly difference: FactDifference; readonly variants: Variants } | undefined => {
  const steps = stepsBetween(a, b);
  const [cause] = causesOf(subject, a.behaviours, steps, found);
  const [difference] = cause?.differences ?? [];
  if (cause === undefined || difference === undefined) return undefined;
  const made = cause.kind === 'any-of' ? cause.steps.slice(0, 1) : cause.steps;
  const left = steps.filter((step) => !made.some((one) => isSameStep(one, step)));
  const fewer = made.length > 1 ? made.map((step) => made.filter((one) => one !== step)) : [];
  // Without any of what made it the difference is gone, unless something else makes it too.
  if (cause.kind !== 'any-of' && left.length > 0) fewer.push(left);
  return {
    difference,
    variants: {
      same: left.length > 0 ? [withSteps(a.behaviours, made)] : [],
      other: fewer.map((some) => withSteps(a.behaviours, some)),
    },
  };
};

/** Which difference is meant; the first one if nothing is said. */
export interface PartingQuestion {
  /** That in the answer of the event with this index. */
  readonly index?: number;
  /** The first whose line of text contains this. */
  readonly field?: string;
}

interface PartingPoint {
  readonly index: number;
  readonly what: Part;
}

/** Where the whole outcome has a fact of its own. */
const placeOf = ({ events }: Subject, key: string): PartingPoint => {
  const [, after, seq] = /^(after )?event (\d+) /.exec(key) ?? [];
  const index = seq === undefined ? events.length - 1 : events.findIndex((event) => event.seq === Number(seq));
  return { index, what: seq === undefined || after !== undefined ? 'state' : 'answer' };
};

const partingPoint = (
  subject: Subject,
  a: SystemState,
  b: SystemState,
  { index, field }: PartingQuestion,
): PartingPoint | undefined => {
  if (index !== undefined) return { index, what: 'answer' };
  if (field === undefined) return firstDifference(subject, a.behaviours, b.behaviours);
  const [first] = differences(subject, a, b).filter(containing(field));
  return first && placeOf(subject, first.key);
};

const differences = (subject: Subject, a: SystemState, b: SystemState): readonly FactDifference[] =>
  differingFacts(outcomeUnder(subject, a.behaviours), outcomeUnder(subject, b.behaviours));

export interface KeptParting extends Kept {
  /** Why a trace that shows the difference does so, with what differs at its end. */
  explain(smaller: Subject): Cause | undefined;
}

/**
 * A difference between two states of Xen or its guest: a smaller trace differs in the same field because of the same
 * listed changes. undefined: the states agree in what is asked about.
 */
export const keepParting = (
  subject: Subject,
  a: SystemState,
  b: SystemState,
  question: PartingQuestion = {},
): KeptParting | undefined => {
  const point = partingPoint(subject, a, b, question);
  if (point === undefined) return undefined;
  const { what } = point;
  const cut = lookingAt({ ...subject, events: subject.events.slice(0, point.index + 1) }, what);
  const found = differences(cut, a, b).filter(containing(question.field?.replace(PLACE, '') ?? ''));
  const kept = variantsFor(cut, a, b, found);
  if (kept === undefined) return undefined;
  const { same, other } = kept.variants;
  const kind = kindOf(kept.difference);
  const shownBy: Kept['shownBy'] = (machine, events) => {
    const ask = (behaviours: SystemBehaviours): Facts | undefined =>
      endFacts(subject, what, machine, events, behaviours);
    const [before, after] = [ask(a.behaviours), ask(b.behaviours)];
    if (before === undefined || after === undefined) return false;
    const candidates = differingFacts(before, after).filter((difference) => kindOf(difference) === kind);
    if (candidates.length === 0) return false;
    const [sames, others] = [same.map(ask), other.map(ask)];
    return candidates.some(
      ({ key, b: wanted }) =>
        sames.every((facts) => facts !== undefined && facts.get(key) === wanted) &&
        others.every((facts) => facts === undefined || facts.get(key) !== wanted),
    );
  };
  const explain: KeptParting['explain'] = (smaller) => {
    const end = lookingAt(smaller, what);
    const causes = causesOf(end, a.behaviours, stepsBetween(a, b), differences(end, a, b));
    return causes.find((cause) => cause.differences.some((difference) => kindOf(difference) === kind));
  };
  const whole = keptIf(subject.machine, cut.events, shownBy);
  return whole && { ...whole, explain };
};
