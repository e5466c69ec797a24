// SPDX-License-Identifier: GPL-2.0-only
import { formatErrno } from '../num/errno.ts';
import type { ResultLine } from '../state/result.ts';
import type { Registry, TraceEvent } from '../trace/operation.ts';
import { type Fact, factsOf, oneLine, padHex } from './fact.ts';

/** Fields that hold, where they are optional, what was recorded or is expected. */
const RECORDED: ReadonlySet<string> = new Set(['value', 'via']);

/** Fields whose value speaks for itself: who acts, on what. */
const BARE = new Set(['dom', 'domid', 'sbdf']);

/**
 * `cfg.read d0 0000:03:00.0 reg=0x4 size=2`: operation and the fields the row gives, in the order that the operation
 * declares them, domains and devices first.
 */
export const describeEvent = (event: TraceEvent, registry: Registry): string => {
  const fields = registry.get(event.op)?.fields ?? {};
  const words = [event.op];
  const named: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const value = event.args[name];
    // What was recorded of the answer is no part of what happened; the answer says it.
    if (value === undefined || (field.optional && RECORDED.has(name))) continue;
    const text = oneLine(field.format(value)).replaceAll(': ', ':');
    if (BARE.has(name)) words.push(text);
    else named.push(`${name}=${text}`);
  }
  return [...words, ...named].join(' ');
};

/** `event 4 cfg.read d0 …`: what facts about an event begin with. */
export const eventKey = (event: TraceEvent, registry: Registry): string =>
  `event ${event.seq} ${describeEvent(event, registry)}`;

const KNOWN = new Set([
  ...['seq', 'final', 'state', 'hw', 'ret', 'value', 'accepted', 'allowed', 'noVpci', 'via', 'pending'],
  ...['more', 'undefined', 'rule'],
]);

const digitsOf = (event: TraceEvent): number => {
  const { size } = event.args;
  const bytes = Number(size);
  return bytes >= 1 && bytes <= 8 ? 2 * bytes : 1;
};

/** What one event answered, in words; empty when it answered nothing. */
export const answerOf = (line: ResultLine, event: TraceEvent | undefined): string => {
  const words: string[] = [];
  if (line.undefined) words.push(line.rule === undefined ? 'undefined' : `undefined (${line.rule})`);
  if (line.ret !== undefined) words.push(formatErrno(line.ret));
  if (line.value !== undefined) words.push(event === undefined ? line.value : padHex(line.value, digitsOf(event)));
  if (line.accepted !== undefined) words.push(line.accepted ? 'accepted' : 'not accepted');
  if (line.allowed === false) words.push('refused');
  if (line.noVpci) words.push('no vPCI');
  if (line.via !== undefined) words.push(line.via === 'none' ? 'reached nothing' : `via ${line.via}`);
  if (line.pending !== undefined) words.push(line.pending ? 'had deferred work' : 'no deferred work');
  if (line.more !== undefined) words.push(line.more ? 'not finished' : 'finished');
  return words.join(', ');
};

const NOTHING: readonly Fact[] = [];

/** The facts of one event, its state left out. */
export const eventFacts = (line: ResultLine, event: TraceEvent | undefined, registry: Registry): readonly Fact[] => {
  const answer = answerOf(line, event);
  const further = Object.keys(line).filter((name) => !KNOWN.has(name) && line[name] !== undefined);
  // Most events answer nothing, and to describe one takes longer than to see that.
  if (answer === '' && further.length === 0 && line.hw === undefined) return NOTHING;
  const key = event === undefined ? `event ${line.seq ?? '?'}` : eventKey(event, registry);
  return [
    ...(answer === '' ? [] : [{ key, value: answer }]),
    ...further.flatMap((name) => factsOf(`${key} -> ${name}`, line[name])),
    ...(line.hw ?? []).map((access) => ({ key: `${key} -> hardware`, value: access })),
  ];
};
