// SPDX-License-Identifier: GPL-2.0-only
import { answerOf, eventFacts, eventKey } from '../engine/golden/event-facts.ts';
import { formatSbdf } from '../engine/num/sbdf.ts';
import { hex } from '../engine/num/u64.ts';
import type { BarMapping } from '../engine/replay/bar-mapping.ts';
import type { Decision, EventReasons } from '../engine/replay/why.ts';
import type { DeviceReasons } from '../engine/replay/why-device.ts';
import type { FrameReasons } from '../engine/replay/why-frame.ts';
import { formatSubject } from '../engine/xen/trail.ts';
import { model, rules } from './model.ts';
import { WIDTH, wrapped } from './text.ts';

/** What `why` prints, as text and for programs. */

/** How much is told, and where events are in their file. */
export interface Telling {
  readonly all: boolean;
  readonly file: string;
  /** Of a row, counted from 1. */
  readonly lineOf: (row: number) => number | undefined;
}

/** So many of each are shown unless all are asked for. */
const SHOWN = { changes: 5, kept: 3, rules: 8, subjects: 4, fields: 8 } as const;

interface Grouped {
  readonly rule: string;
  readonly subjects: readonly string[];
}

/** Rules in the order in which they were first applied, each with all that it was about. */
const grouped = (decisions: readonly Decision[]): readonly Grouped[] => {
  const groups = new Map<string, string[]>();
  for (const decision of decisions) {
    const subjects = groups.get(decision.rule) ?? [];
    groups.set(decision.rule, [...subjects, formatSubject(decision.subject)]);
  }
  return [...groups].map(([rule, subjects]) => ({ rule, subjects }));
};

const cut = <T>(items: readonly T[], most: number, all: boolean): readonly [readonly T[], number] =>
  all || items.length <= most ? [items, 0] : [items.slice(0, most), items.length - most];

const moreLine = (rest: number, indent: number): readonly string[] =>
  rest === 0 ? [] : [`${' '.repeat(indent)}and ${rest} more (--all)`];

/** Rules with what they say, where they are from, and what they were about. */
export const ruleLines = (
  decisions: readonly Decision[],
  all: boolean,
  indent = 2,
  width = WIDTH,
): readonly string[] => {
  const [shown, rest] = cut(grouped(decisions), SHOWN.rules, all);
  const lines = shown.flatMap(({ rule, subjects }) => {
    const [named, others] = cut(subjects, SHOWN.subjects, all);
    const about = `${named.join('; ')}${others === 0 ? '' : `; and ${others} more (--all)`}`;
    const known = rules.get(rule);
    return [
      ...wrapped(about === '' ? rule : `${rule}: ${about}`, indent, { width }),
      ...wrapped(known?.says ?? '', indent + 2, { width }),
      ...wrapped(known?.where ?? '', indent + 2, { width }),
    ];
  });
  return [...lines, ...moreLine(rest, indent)];
};

/** `event 4 cfg.write d0 … (nic.csv:12)`, and what the trace notes about it. */
const eventLines = ({ event, row }: EventReasons, { file, lineOf }: Telling): readonly string[] => {
  const { note } = event;
  const line = lineOf(row);
  return [
    ...wrapped(`${eventKey(event, model.registry)}${line === undefined ? '' : ` (${file}:${line})`}`, 0),
    ...(note === undefined || note === '' ? [] : wrapped(`(${note})`, 2)),
  ];
};

/** What an event answered beside its result, a line each. */
export const furtherAnswers = ({ event, answer }: EventReasons, width = WIDTH): readonly string[] =>
  eventFacts(answer, event, model.registry)
    .filter(({ key }) => key.includes(' -> '))
    .flatMap(({ key, value }) => wrapped(`${key.slice(key.indexOf(' -> ') + 4)}: ${value}`, 2, { width }));

const NO_RULE = '  no rule decided: a plain look-up, or an access to hardware as it is';

const endLines = (end: EventReasons | undefined): readonly string[] => {
  if (end === undefined) return [];
  const says = rules.get(end.answer.rule ?? '')?.says;
  return [
    '',
    ...wrapped(`nothing is known from event ${end.event.seq} on: ${answerOf(end.answer, end.event)}`, 0),
    ...(says === undefined ? [] : wrapped(says, 2)),
  ];
};

/** Deferred work is mostly decided about when it is queued. */
const frameRuleLines = ({ event, decisions }: EventReasons, { all }: Telling): readonly string[] => {
  if (event.op === 'vcpu.resume') return ['  carries out what an earlier event deferred', ...ruleLines(decisions, all)];
  return decisions.length === 0 ? ['  no rule about this frame'] : ruleLines(decisions, all);
};

/** The answer of one event and the rules behind it. */
export const eventReasonsText = (reasons: EventReasons, telling: Telling): string => {
  const answer = answerOf(reasons.answer, reasons.event);
  const further = furtherAnswers(reasons);
  return `${[
    ...eventLines(reasons, telling),
    ...wrapped(`answered: ${answer === '' && further.length === 0 ? 'nothing' : answer}`.trimEnd(), 2),
    ...further,
    ...(reasons.decisions.length === 0 ? [NO_RULE] : ['decided by, in this order:']),
    ...ruleLines(reasons.decisions, telling.all),
  ].join('\n')}\n`;
};

const frameNow = ({ now, atStart, changes }: FrameReasons): string => {
  if (changes.length === 0)
    return now === undefined ? 'never mapped' : `${atStart ?? now}, since before the first event`;
  return `${now ?? 'absent'}, since event ${changes[0]?.event.seq}`;
};

/** Where a frame's mapping comes from. */
export const frameReasonsText = (what: string, reasons: FrameReasons, telling: Telling): string => {
  const { all } = telling;
  const [changes, moreChanges] = cut(reasons.changes, SHOWN.changes, all);
  const [kept, moreKept] = cut(reasons.kept, SHOWN.kept, all);
  const lines = [`${what}: ${frameNow(reasons)}`];
  for (const bar of reasons.bars) lines.push(`  covered by ${bar}`);
  if (reasons.now === undefined && reasons.bars.length === 0) lines.push('  no BAR that Xen emulates covers it');
  for (const change of changes) {
    lines.push('', ...eventLines(change, telling), `  ${change.before ?? 'absent'} -> ${change.after ?? 'absent'}`);
    lines.push(...frameRuleLines(change, telling));
  }
  lines.push(...moreLine(moreChanges, 0));
  if (kept.length > 0) lines.push('', 'decided about it, which left it as it was:');
  for (const one of kept) lines.push('', ...eventLines(one, telling), ...ruleLines(one.decisions, all));
  lines.push(...moreLine(moreKept, 0), ...endLines(reasons.end));
  return `${lines.join('\n')}\n`;
};

const framesText = ([first, last]: readonly [number, number]): string =>
  first === last ? hex(first) : `${hex(first)}-${hex(last)}`;

const mappingText = ({ domain, gfn, mapped }: BarMapping): string => {
  const [first] = mapped;
  if (first === undefined) return `p2m ${domain}: gfn ${framesText(gfn)} not mapped`;
  const isWhole = first[0] === gfn[0] && first[1] === gfn[1];
  return `p2m ${domain}: gfn ${mapped.map(framesText).join(', ')} mapped${isWhole ? '' : `, the rest of ${framesText(gfn)} not`}`;
};

/** Where the facts of a device come from; `bar`: the one that is asked about. */
export const deviceReasonsText = (
  what: string,
  reasons: DeviceReasons,
  bar: string | undefined,
  telling: Telling,
): string => {
  const { all } = telling;
  const [changes, more] = cut(reasons.changes, SHOWN.changes, all);
  const times = reasons.changes.length;
  const changed = times === 0 ? 'never changed' : `changed by ${times} event${times === 1 ? '' : 's'}`;
  const lines = [`${what} ${changed}`];
  if (reasons.now.size === 0) lines.push('  there are none now');
  if (reasons.now.size < reasons.names.size)
    for (const [name, value] of reasons.now) lines.push(...wrapped(`${name}: ${value}`, 2));
  for (const mapping of reasons.bars) if (mapping.bar === bar) lines.push(...wrapped(mappingText(mapping), 2));
  for (const change of changes) {
    const [fields, rest] = cut(change.fields, SHOWN.fields, all);
    lines.push('', ...eventLines(change, telling));
    for (const { field: name, before, after } of fields)
      lines.push(...wrapped(`${name}: ${before ?? '-'} -> ${after ?? '-'}`, 2));
    lines.push(...moreLine(rest, 2), ...ruleLines(change.decisions, all, 4));
    if (change.decisions.length === 0) lines.push('    no rule about this device');
  }
  lines.push(...moreLine(more, 0), ...endLines(reasons.end));
  return `${lines.join('\n')}\n`;
};

const decisionJson = ({ rule, subject }: Decision): object => {
  const { sbdf, gfn, lastGfn, ...rest } = subject;
  return {
    ...{ rule, says: rules.get(rule)?.says, where: rules.get(rule)?.where },
    ...(sbdf === undefined ? {} : { sbdf: formatSbdf(sbdf) }),
    ...(gfn === undefined ? {} : { gfn: hex(gfn), lastGfn: hex(lastGfn ?? gfn) }),
    ...rest,
  };
};

/** An event with its answer and rules for programs. */
export const reasonsJson = ({ event, row, answer, decisions }: EventReasons, { lineOf }: Telling): object => ({
  ...{ seq: event.seq, row, line: lineOf(row), op: event.op, note: event.note, answer },
  rules: decisions.map(decisionJson),
});
