// SPDX-License-Identifier: GPL-2.0-only
import { parseErrno } from '../../engine/num/errno.ts';
import { type Gfn, MAX_FRAME } from '../../engine/num/frames.ts';
import { formatSbdf, parseSbdf, type Sbdf } from '../../engine/num/sbdf.ts';
import { hex } from '../../engine/num/u64.ts';
import type { Target, Walk } from '../../engine/replay/walk.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';
import type { Key } from '../io.ts';
import type { Focus } from './panel.ts';

/** A question on the last line, with what has been typed so far. */
interface Prompt {
  readonly kind: 'go to' | 'find' | 'show';
  readonly typed: string;
}

/** Where the reader is in the trace. */
export interface Place {
  readonly index: number;
  readonly domain: string;
  /** undefined: the device of the present event, or of the last one that named any. */
  readonly device: Sbdf | undefined;
  readonly prompt: Prompt | undefined;
  /** What was looked for last. */
  readonly target: Target | undefined;
  /** What to say on the last line; empty: which keys there are. */
  readonly message: string;
}

/** What a key is pressed in. */
export interface Trace {
  readonly events: readonly TraceEvent[];
  readonly walk: Walk;
}

export const startAt = (index: number): Place => ({
  ...{ index, domain: 'd0', device: undefined, prompt: undefined, target: undefined, message: '' },
});

const DOMAIN = /^(?:d\d{1,5})$/;
const FRAME = /^(?:gfn\s*)?(0x[0-9a-f]+)$/i;

/** `03:00.0`, `0xfe042`, `gfn 0xfe042`, `-ENODEV`. */
const parseTarget = (text: string, domain: string): Target | undefined => {
  const sbdf = parseSbdf(text);
  if (sbdf !== undefined) return { kind: 'device', sbdf };
  const frame = Number(FRAME.exec(text)?.[1] ?? Number.NaN);
  // It has just been checked that this is the number of a frame.
  if (frame <= MAX_FRAME) return { kind: 'frame', domain, gfn: frame as Gfn };
  const ret = parseErrno(/^E[A-Z0-9]+$/.test(text) ? `-${text}` : text);
  return ret === undefined ? undefined : { kind: 'result', ret };
};

const targetText = (target: Target): string => {
  if (target.kind === 'device') return formatSbdf(target.sbdf);
  return target.kind === 'frame' ? `${target.domain} gfn ${hex(target.gfn)}` : 'that result';
};

const find = (place: Place, { walk }: Trace, direction: 'after' | 'before'): Place => {
  const { target, index } = place;
  if (target === undefined) return { ...place, message: '/ finds a device, gfn or errno first' };
  const found = walk.find(target, index, direction);
  if (found !== undefined) return { ...place, index: found, message: '' };
  return { ...place, message: `no event ${direction} this one touches ${targetText(target)}` };
};

const goTo = (place: Place, { events }: Trace, typed: string): Place => {
  const index = events.findIndex(({ seq }) => String(seq) === typed.trim());
  return index < 0 ? { ...place, message: `there is no event '${typed}'` } : { ...place, index };
};

const show = (place: Place, typed: string): Place => {
  const text = typed.trim();
  if (text === '') return { ...place, device: undefined };
  if (DOMAIN.test(text)) return { ...place, domain: text };
  const device = parseSbdf(text);
  if (device !== undefined) return { ...place, device };
  return { ...place, message: `'${text}': expected a device, as 03:00.0, or a domain, as d1` };
};

const answerPrompt = (place: Place, trace: Trace, { kind, typed }: Prompt): Place => {
  const after = { ...place, prompt: undefined };
  if (kind === 'go to') return goTo(after, trace, typed);
  if (kind === 'show') return show(after, typed);
  if (typed.trim() === '') return find(after, trace, 'after');
  const target = parseTarget(typed.trim(), place.domain);
  if (target === undefined)
    return { ...after, message: `'${typed}': expected a device, as 03:00.0, a frame, as 0xfe042, or an errno` };
  return find({ ...after, target }, trace, 'after');
};

const MAX_TYPED = 60;

const typeKey = (place: Place, trace: Trace, prompt: Prompt, { name, text }: Key): Place => {
  if (name === 'escape') return { ...place, prompt: undefined };
  if (name === 'return' || name === 'enter') return answerPrompt(place, trace, prompt);
  const typed = name === 'backspace' ? prompt.typed.slice(0, -1) : `${prompt.typed}${text}`.slice(0, MAX_TYPED);
  return { ...place, prompt: { ...prompt, typed } };
};

const move = (place: Place, { events, walk }: Trace, by: number): Place => {
  const index = Math.max(0, Math.min(events.length - 1, place.index + by));
  if (index === place.index)
    return { ...place, message: by > 0 ? 'this is the last event' : 'this is the first event' };
  if (walk.at(index) !== undefined) return { ...place, index };
  return { ...place, message: "nothing is known after this: Xen's own code leaves defined behaviour here" };
};

const PAGE = 10;

/** What each key does, by all its names. */
const KEYS: ReadonlyMap<string, (place: Place, trace: Trace) => Place> = new Map([
  ...['n', 'right', 'down', 'space', 'return'].map((name) => [name, (p: Place, t: Trace) => move(p, t, 1)] as const),
  ...['b', 'left', 'up', 'backspace'].map((name) => [name, (p: Place, t: Trace) => move(p, t, -1)] as const),
  ['pagedown', (place, trace) => move(place, trace, PAGE)],
  ['pageup', (place, trace) => move(place, trace, -PAGE)],
  ['home', (place) => ({ ...place, index: 0 })],
  ['end', (place, trace) => move(place, trace, trace.events.length)],
  ['g', (place) => ({ ...place, prompt: { kind: 'go to', typed: '' } })],
  ['/', (place) => ({ ...place, prompt: { kind: 'find', typed: '' } })],
  ['d', (place) => ({ ...place, prompt: { kind: 'show', typed: '' } })],
  ['N', (place, trace) => find(place, trace, 'before')],
]);

const HINT = 'n next  b back  g go to  / find  N find before  d show device  ? help  q quit';

const QUESTIONS: Readonly<Record<Prompt['kind'], string>> = {
  'go to': 'go to event: ',
  find: 'find device, gfn (0x…) or errno, or the same again: ',
  show: 'show device or domain (none: that of the event): ',
};

/** The last line. */
export const footOf = ({ prompt, message }: Place): string => {
  if (prompt !== undefined) return `${QUESTIONS[prompt.kind]}${prompt.typed}_`;
  return message === '' ? HINT : message;
};

/** The device that is shown: the one asked for, or the one that the newest event up to here names. */
export const focusOf = ({ domain, device, index }: Place, { events }: Trace): Focus => {
  const event = events.findLast(({ args: { sbdf } }, at) => at <= index && typeof sbdf === 'number');
  const named = device ?? event?.args['sbdf'];
  // A field of this name is of the kind that holds devices.
  return { domain, device: named === undefined ? undefined : formatSbdf(named as Sbdf) };
};

/** What a key makes of the place; undefined: the reader leaves. */
export const press = (place: Place, trace: Trace, key: Key): Place | undefined => {
  const { prompt } = place;
  if (key.name === 'ctrl-c' || key.name === 'ctrl-d' || key.name === 'closed') return undefined;
  if (prompt !== undefined) return typeKey({ ...place, message: '' }, trace, prompt, key);
  if (key.text === 'q') return undefined;
  const action = KEYS.get(key.text) ?? KEYS.get(key.name);
  return action === undefined ? place : action({ ...place, message: '' }, trace);
};

/** What `?` shows. */
export const HELP = [
  'n, space, right, down   the next event',
  'b, left, up             the event before',
  'page down, page up      ten events on, or back',
  'home, end               the first event, the last one',
  'g                       go to the event with a number',
  '/                       find the next event that touches a',
  '                        device (03:00.0), a guest frame',
  '                        (0xfe042), or has a result',
  '                        (-ENODEV); return: the same again',
  'N                       the event before that does',
  'd                       show a device, or a domain (d1);',
  "                        return: the event's own again",
  'q, ctrl-c               leave',
  '',
  'Right is the state after the event; a star marks changes.',
] as const;
