// SPDX-License-Identifier: GPL-2.0-only
import { isTraceEdited } from '../../../../engine/golden/edited.ts';
import type { DiffLine, DiffRow } from '../../../../engine/golden/side-by-side.ts';
import type { FindingData } from '../data.ts';
import { button, type Child, h } from './dom.ts';

/** Which event a line of golden text is about; `end`: the state after the last one. */
const EVENT = /^(?:event|after event) (\d+)|^(final) |^\[(final) state/;

const eventOfLine = (text: string): number | 'end' | undefined => {
  const match = EVENT.exec(text);
  if (match === null) return undefined;
  return match[1] === undefined ? 'end' : Number(match[1]);
};

const pieces = ({ text, marks = [] }: DiffLine): readonly Child[] => {
  const parts: Child[] = [];
  let at = 0;
  for (const [from, to] of marks) {
    parts.push(text.slice(at, from), h('mark', {}, text.slice(from, to)));
    at = to;
  }
  return [...parts, text.slice(at)];
};

type Side = 'want' | 'got';

const cells = (row: Exclude<DiffRow, { readonly kind: 'skipped' }>, side: Side): readonly HTMLElement[] => {
  const line = row[side];
  const classes = row.kind === 'same' ? 'same' : line === undefined ? 'none' : side;
  return [
    h('td', { class: `number ${classes}` }, line === undefined ? '' : String(line.line)),
    h('td', { class: `text ${classes}` }, ...(line === undefined ? [] : pieces(line))),
  ];
};

/** Where an event is shown; undefined: nowhere. `got`: what the outcome has now of the line that leads there. */
type Link = (event: number | 'end', got: DiffLine | undefined) => string | undefined;

/** Leads from a line to its event; the player below shows it. */
const eventLink = (row: DiffRow, link: Link): Child => {
  if (row.kind !== 'changed') return undefined;
  const event = eventOfLine((row.got ?? row.want)?.text ?? '');
  const href = event === undefined ? undefined : link(event, row.got);
  if (event === undefined || href === undefined) return undefined;
  const name = event === 'end' ? 'the end' : `event ${event}`;
  return h('a', { href, title: `Show ${name} on the map` }, event === 'end' ? 'end' : String(event));
};

const rowOf = (row: DiffRow, link: Link): HTMLTableRowElement =>
  row.kind === 'skipped'
    ? h('tr', { class: 'skipped' }, h('td', { colspan: 5 }, `${row.count} lines are the same`))
    : h('tr', {}, ...cells(row, 'want'), ...cells(row, 'got'), h('td', { class: 'link' }, eventLink(row, link)));

const copyButton = (text: string): HTMLButtonElement => {
  const element = button('Copy unified diff', () => {
    navigator.clipboard.writeText(text).then(
      () => {
        element.textContent = 'Copied';
      },
      () => {
        element.textContent = 'The browser does not let this page copy; the text is below';
      },
    );
  });
  return element;
};

/** A finding: its sentence and, where an outcome differs, the two texts side by side. */
export const findingView = (
  { message, releases, golden, edited, differences = [], known, diff }: FindingData,
  trace: string,
  link: Link,
): HTMLElement => {
  const facts =
    differences.length === 0 ? '' : `: ${differences.length} ${differences.length === 1 ? 'fact' : 'facts'}`;
  const numbered = isTraceEdited(edited) ? ' (events numbered as now)' : '';
  return h(
    'section',
    { class: 'finding' },
    h('p', {}, `${message}${facts}.`),
    known === undefined ? undefined : h('p', { class: 'note' }, `Expected until ${known.until}: ${known.reason}`),
    ...(diff === undefined
      ? []
      : diffView(diff, `expected: ${golden}${numbered}`, `got: ${trace} under ${releases[0] ?? ''}`, link)),
  );
};

const diffView = (
  { rows, rowsLeftOut, unified }: NonNullable<FindingData['diff']>,
  wantName: string,
  gotName: string,
  link: Link,
): readonly HTMLElement[] => [
  ...(rows.length === 0
    ? []
    : [
        h(
          'table',
          { class: 'diff' },
          h('colgroup', {}, ...['numbers', '', 'numbers', '', 'links'].map((width) => h('col', { class: width }))),
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              h('th', { colspan: 2, scope: 'col' }, wantName),
              h('th', { colspan: 2, scope: 'col' }, gotName),
              h('th', { scope: 'col', class: 'link' }, 'event'),
            ),
          ),
          h('tbody', {}, ...rows.map((row) => rowOf(row, link))),
        ),
      ]),
  ...(rowsLeftOut === 0 ? [] : [h('p', { class: 'note' }, `${rowsLeftOut} more rows are left out of this report.`)]),
  h('details', { class: 'unified' }, h('summary', {}, 'Unified diff'), copyButton(unified), h('pre', {}, unified)),
];
