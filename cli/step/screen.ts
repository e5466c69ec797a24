// SPDX-License-Identifier: GPL-2.0-only
import { answerOf, describeEvent } from '../../engine/golden/event-facts.ts';
import type { Moment } from '../../engine/replay/walk.ts';
import type { Registry, TraceEvent } from '../../engine/trace/operation.ts';
import type { Paint } from '../colour.ts';
import { wrapped } from '../text.ts';
import { furtherAnswers, ruleLines } from '../why-text.ts';
import { type Focus, panelLines } from './panel.ts';

/** What is on the screen. */
export interface View {
  /** Trace and release. */
  readonly title: string;
  readonly events: readonly TraceEvent[];
  readonly registry: Registry;
  readonly index: number;
  /** The event, and the one before it; undefined: there is none, or nothing is known any more. */
  readonly moment: Moment | undefined;
  readonly before: Moment | undefined;
  readonly focus: Focus;
  /** The last line: a question, a message or the keys. */
  readonly foot: string;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const [LIST_ROWS, EVENTS_BEFORE] = [7, 3];
/** Of a wide screen the panel gets this share, of a small one what it needs to show a BAR. */
const [PANEL_SHARE, MIN_PANEL] = [0.4, 34];

const fitted = (text: string, width: number): string =>
  text.length <= width ? text.padEnd(width) : `${text.slice(0, Math.max(0, width - 1))}…`;

const describe = ({ registry }: View, event: TraceEvent): string => `${event.seq} ${describeEvent(event, registry)}`;

/** The events around the present one. */
const listLines = (view: View): readonly string[] => {
  const { events, index } = view;
  const first = Math.max(0, Math.min(index - EVENTS_BEFORE, events.length - LIST_ROWS));
  return events
    .slice(first, first + LIST_ROWS)
    .map((event, offset) => `${first + offset === index ? '>' : ' '} ${describe(view, event)}`);
};

const momentLines = (view: View, width: number): readonly string[] => {
  const { moment } = view;
  if (moment === undefined) return ['nothing is known here: see an earlier event'];
  const { event, answer, decisions, hardware } = moment;
  const { note } = event;
  const said = answerOf(answer, event);
  const further = furtherAnswers(moment, width);
  return [
    ...wrapped(describe(view, event), 0, { width }),
    ...(note === undefined || note === '' ? [] : wrapped(`(${note})`, 2, { width })),
    ...wrapped(`answered: ${said === '' && further.length === 0 ? 'nothing' : said}`.trimEnd(), 0, { width }),
    ...further,
    ...ruleLines(decisions, false, 0, width),
    ...hardware.map((access) => `hardware ${access}`),
  ];
};

/** Lines of the panel, those that the event has changed marked with a star. */
const markedPanel = ({ moment, before, focus }: View): readonly string[] => {
  const old = new Set(before === undefined ? [] : panelLines(before.state, focus));
  return panelLines(moment?.state, focus).map((line) => `${before === undefined || old.has(line) ? ' ' : '*'}${line}`);
};

/** Cut to a number of lines; the last one says so. */
const cut = (lines: readonly string[], rows: number): readonly string[] =>
  lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`];

/** The whole screen: as many lines as it has rows, none longer than it is wide. */
export const screenOf = (view: View, { columns, rows }: Size, colours: Paint): readonly string[] => {
  const panelWidth = Math.max(MIN_PANEL, Math.floor(columns * PANEL_SHARE));
  const width = Math.max(1, columns - panelWidth - 2);
  const body = Math.max(1, rows - 3);
  const left = cut([...listLines(view), '', ...momentLines(view, width)], body);
  const right = cut(markedPanel(view), body);
  const position = `event ${view.events[view.index]?.seq ?? '-'}, ${view.index + 1} of ${view.events.length}`;
  const title = `${fitted(view.title, Math.max(1, columns - position.length - 2))}  ${position}`;
  const lines = [colours.strong(fitted(title, columns)), colours.faint('-'.repeat(columns))];
  for (let row = 0; row < body; row++) {
    const [one, two] = [fitted(left[row] ?? '', width), fitted(right[row] ?? '', panelWidth)];
    const event = one.startsWith('> ') ? colours.strong(one) : one;
    lines.push(`${event}${colours.faint('|')} ${two.startsWith('*') ? colours.strong(two) : two}`);
  }
  return [...lines, fitted(view.foot, columns)].slice(0, rows);
};
