// SPDX-License-Identifier: GPL-2.0-only
import { deviceFacts } from '../engine/golden/device-facts.ts';
import { type Difference, differences, kindOf } from '../engine/golden/diff.ts';
import type { Edited } from '../engine/golden/edited.ts';
import type { CaseFiles } from '../engine/golden/layout.ts';
import { type Gfn, PAGE_SIZE_BYTES } from '../engine/num/frames.ts';
import { parseSbdf } from '../engine/num/sbdf.ts';
import { causesOf } from '../engine/replay/compare-causes.ts';
import type { Subject } from '../engine/replay/compare-outcome.ts';
import { stateNamed, stepsBetween } from '../engine/replay/compare-steps.ts';
import { type EventReasons, whyEvent } from '../engine/replay/why.ts';
import { whyDevice } from '../engine/replay/why-device.ts';
import { type FrameQuestion, whyFrame } from '../engine/replay/why-frame.ts';
import type { SystemBehaviours } from '../engine/semantics/states.ts';
import { rules } from './model.ts';
import type { LoadedTrace } from './session.ts';
import { subjectOf } from './subject.ts';

/** What makes a fact of an outcome what it is now: a rule, or a listed change between two releases. */
interface Reason {
  /** Short, the same wherever the reason is: `remove.pf-has-vfs`, `vfBeforePf=refused`. */
  readonly name: string;
  readonly says: string;
}

/** A fact that changed in a golden file. */
interface ChangedFact {
  readonly subject: Subject;
  readonly release: string;
  /** The release whose outcome, which stays, was this one's too: what differs is what sets the two apart. */
  readonly parent: string | undefined;
  readonly difference: Difference;
  /** All that changed, the difference among it. */
  readonly all: readonly Difference[];
}

const newest = (...lists: readonly (readonly EventReasons[])[]): EventReasons | undefined =>
  lists.flatMap(([first]) => (first === undefined ? [] : [first])).sort((a, b) => b.row - a.row)[0];

interface Run {
  readonly first: number;
  readonly last: number;
  readonly what: string;
}

const RUN = /gfn (0x[0-9a-f]+)-(0x[0-9a-f]+)$/;
const MAPPING = /^mfn (0x[0-9a-f]+) (.*)$/;

/** A line of a p2m; `mfn` is told as the distance to the guest frame, which is the same all along the run. */
const runOf = (key: string, value: string | undefined): readonly Run[] => {
  const [, first, last] = RUN.exec(key) ?? [];
  const [, mfn, type] = MAPPING.exec(value ?? '') ?? [];
  if (first === undefined || mfn === undefined) return [];
  return [{ first: Number(first), last: Number(last), what: `${Number(mfn) - Number(first)} ${type}` }];
};

/** The first guest frame that is mapped otherwise: runs that grow or shrink are others as text, frames are not. */
const differingFrame = ({ event, domain }: Difference, all: readonly Difference[]): number | undefined => {
  const lines = all.filter((one) => one.field === 'p2m' && one.event === event && one.domain === domain);
  const [want, got] = [
    lines.flatMap(({ key, want: value }) => runOf(key, value)),
    lines.flatMap(({ key, got: value }) => runOf(key, value)),
  ];
  const at = (runs: readonly Run[], frame: number): string | undefined =>
    runs.find(({ first, last }) => first <= frame && frame <= last)?.what;
  const edges = [...want, ...got].flatMap(({ first, last }) => [first, last + 1]).sort((a, b) => a - b);
  return edges.find((frame) => at(want, frame) !== at(got, frame));
};

const PAGE_SIZE = BigInt(PAGE_SIZE_BYTES);

/** What made the mapping of a frame what it is. */
const behindFrame = (
  subject: Subject,
  behaviours: SystemBehaviours,
  question: FrameQuestion,
): EventReasons | undefined => {
  const found = whyFrame(subject, behaviours, question);
  if ('domains' in found) return undefined;
  // What was decided about the device as a whole comes after what was decided about frames.
  const kept = found.kept.flatMap((reasons) => {
    const decisions = reasons.decisions.filter(({ subject: { gfn } }) => gfn !== undefined);
    return decisions.length === 0 ? [] : [{ ...reasons, decisions }];
  });
  return newest(found.changes, kept) ?? found.kept[0];
};

/** The event behind a fact of the state, with the decisions that matter to the fact. */
const behindState = (
  { subject, difference, all }: ChangedFact,
  behaviours: SystemBehaviours,
): EventReasons | undefined => {
  const { event, device, domain, field } = difference;
  const at = event === undefined ? -1 : subject.events.findIndex(({ seq }) => seq === event);
  const last = at < 0 ? subject.events.length - 1 : at;
  const sbdf = device === undefined ? undefined : parseSbdf(device);
  if (sbdf !== undefined) {
    const isWanted = (name: string): boolean => name === field;
    const found = whyDevice(subject, behaviours, { sbdf, isWanted, last, describe: deviceFacts });
    return 'devices' in found ? undefined : (found.changes[0] ?? found.end);
  }
  const frame = differingFrame(difference, all);
  if (domain === undefined || frame === undefined) return undefined;
  // Golden text says that it is the number of a frame.
  return behindFrame(subject, behaviours, { domain, gfn: frame as Gfn, last });
};

const behindAnswer = (
  subject: Subject,
  behaviours: SystemBehaviours,
  seq: number | undefined,
): EventReasons | undefined => {
  const index = subject.events.findIndex((event) => event.seq === seq);
  const found = index < 0 ? undefined : whyEvent(subject, behaviours, index);
  if (found === undefined || 'end' in found) return found?.end;
  const { sbdf, gpa, dom } = found.event.args;
  if (found.decisions.length === 0 && typeof gpa === 'bigint' && typeof dom === 'string')
    // The field is an address, and what is mapped there is why the access went where it went.
    return behindFrame(subject, behaviours, { domain: dom, gfn: Number(gpa / PAGE_SIZE) as Gfn, last: index });
  const own = found.decisions.filter(({ subject: about }) => about.sbdf === sbdf);
  return own.length === 0 ? found : { ...found, decisions: own };
};

const changedBetween = ({ subject, release, parent, difference }: ChangedFact): Reason | undefined => {
  const [from, to] = [parent === undefined ? undefined : stateNamed(parent), stateNamed(release)];
  if (from === undefined || to === undefined) return undefined;
  const fact = { key: difference.key, a: difference.want, b: difference.got };
  const [cause] = causesOf(subject, from.behaviours, stepsBetween(from, to), [fact]);
  if (cause === undefined || cause.steps.length === 0) return undefined;
  return {
    name: cause.steps.map(({ behaviour, to: value }) => `${behaviour}=${value}`).join('+'),
    says: cause.steps
      .map(({ behaviour, from: old, to: value, origin, why }) =>
        [`${behaviour}: ${old} -> ${value}`, origin, why].filter((part) => part !== '').join(', '),
      )
      .join('; '),
  };
};

/** The event that made the fact what it is, with its decisions. */
const behindFact = (fact: ChangedFact): EventReasons | undefined => {
  const { subject, release, difference } = fact;
  const behaviours = stateNamed(release)?.behaviours;
  if (behaviours === undefined) return undefined;
  return difference.op === undefined
    ? behindState(fact, behaviours)
    : behindAnswer(subject, behaviours, difference.event);
};

/** The rule that decided, last of those that took part. */
const ruleOf = (reasons: EventReasons | undefined): Reason | undefined => {
  const rule = reasons?.answer.rule ?? reasons?.decisions.at(-1)?.rule;
  return rule === undefined ? undefined : { name: rule, says: rules.get(rule)?.says ?? '' };
};

const noRule = (reasons: EventReasons | undefined): Reason => ({
  name: 'no-rule',
  says: reasons === undefined ? 'no rule decided' : `no rule decided, it is so since ${nameOf(reasons)}`,
});

const nameOf = ({ event }: EventReasons): string => `event ${event.seq} ${event.op}`;

/** Events of an edited trace are not those that the golden file is about, so that no rule is to blame. */
const editedReason = (edited: Edited): Reason => ({
  name: `${edited.replaceAll(' ', '-')}-edited`,
  says: `the ${edited} ${edited === 'trace and machine' ? 'were' : 'was'} edited since the golden file was written`,
});

const AT_THE_END = Number.POSITIVE_INFINITY;

/** The fact that changed first, in the order of the events: what came later may follow from it. */
const earliest = (all: readonly Difference[]): Difference | undefined => {
  const first = Math.min(...all.map(({ event }) => event ?? AT_THE_END));
  return all.find(({ event }) => (event ?? AT_THE_END) === first);
};

/** A golden file's outcome, and another one in its place. */
export interface Change {
  readonly release: string;
  /** The release whose golden file says what was. */
  readonly golden: string;
  /** Bodies of golden text. */
  readonly was: string;
  readonly is: string;
  /** What was edited between the two. */
  readonly edited: Edited | undefined;
}

/** Why the outcome under a release is another now. */
export interface ChangeCause {
  /** `remove.pf-has-vfs:device-flags`: the reason and the kind of the fact that changed first. */
  readonly id: string;
  readonly says: string;
  readonly first: Difference;
  /** Number of the event that answers, or that made the state what it is, as far as that is known. */
  readonly event: number | undefined;
  readonly all: readonly Difference[];
}

/** The release before, if the outcome that this one had from it is still its own. */
const parentOf = (files: CaseFiles, { release, golden, was }: Change): string | undefined => {
  const before = files.order[files.order.indexOf(release) - 1];
  return golden !== release && before !== undefined && files.outcomes.get(before)?.body === was ? before : undefined;
};

/** What changes have in common that belong together, in whichever case; undefined: no fact changed. */
export const changeCause = (trace: LoadedTrace, files: CaseFiles, change: Change): ChangeCause | undefined => {
  const all = differences(change.was, change.is);
  const first = earliest(all);
  if (first === undefined) return undefined;
  const { release, edited } = change;
  const fact = { subject: subjectOf(trace), release, parent: parentOf(files, change), difference: first, all };
  const behind = behindFact(fact);
  const reason =
    edited !== undefined
      ? editedReason(edited)
      : ((fact.parent === undefined ? ruleOf(behind) : changedBetween(fact)) ?? noRule(behind));
  const event = first.op === undefined ? (behind?.event.seq ?? first.event) : first.event;
  return { id: `${reason.name}:${kindOf(first).replaceAll(' ', '-')}`, says: reason.says, first, event, all };
};
