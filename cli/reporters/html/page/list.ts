// SPDX-License-Identifier: GPL-2.0-only
import type { CaseRow, ReportIndex } from '../data.ts';
import { type Child, h } from './dom.ts';
import { formatRoute } from './route.ts';

/** The list of cases, with what filters it. */
export interface List {
  readonly element: HTMLElement;
  readonly filter: HTMLInputElement;
  /** To the row of a case. */
  focus(name: string): void;
  /** Shows all cases again. */
  clear(): void;
  /** To the case so many rows on or back, among those that the filter leaves. */
  move(by: number): void;
  /** The case beside another one in that order; undefined: there is none. */
  neighbour(name: string, by: number): string | undefined;
}

type Status = CaseRow['status'];

const NAMES: Readonly<Record<Status, string>> = {
  ...{ defect: 'defect', error: 'error', differs: 'differs', known: 'known', agrees: 'agrees', skipped: 'skipped' },
};

export const statusMark = (status: Status): HTMLElement => h('span', { class: `status ${status}` }, NAMES[status]);

const rowOf = (row: CaseRow): HTMLTableRowElement =>
  h(
    'tr',
    {},
    h('td', {}, statusMark(row.status)),
    h('td', { class: 'name' }, h('a', { href: formatRoute({ name: row.name }) }, row.name)),
    h('td', { class: 'title' }, row.title),
    h('td', { class: 'count' }, String(row.replays)),
  );

/** Whether each word is in the case's name or title, or is its status. */
const matches = (row: CaseRow, words: readonly string[]): boolean => {
  const text = `${row.name} ${row.title} ${row.status}`.toLowerCase();
  return words.every((word) => text.includes(word));
};

const chips = (rows: readonly CaseRow[], choose: (status: Status | undefined) => void): HTMLElement => {
  const present = (Object.keys(NAMES) as Status[]).filter((status) => rows.some((row) => row.status === status));
  const buttons = [undefined, ...present].map((status) => {
    const count = status === undefined ? rows.length : rows.filter((row) => row.status === status).length;
    const name = status === undefined ? 'all' : NAMES[status];
    const chip = h(
      'button',
      { type: 'button', class: 'chip', 'aria-pressed': String(status === undefined) },
      `${name} `,
      h('span', { class: 'count' }, String(count)),
    );
    chip.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === chip));
      choose(status);
    });
    return chip;
  });
  return h('div', { class: 'chips', role: 'group', 'aria-label': 'Status' }, ...buttons);
};

const problems = (title: string, items: readonly string[]): HTMLElement | undefined =>
  items.length === 0
    ? undefined
    : h('section', { class: 'problems' }, h('h2', {}, title), h('ul', {}, ...items.map((item) => h('li', {}, item))));

const problemsOf = ({ strays, expectations }: ReportIndex): readonly Child[] => [
  problems(
    'Files that belong to no case',
    strays.map(({ path, message }) => `${path}: ${message}`),
  ),
  problems(
    'Expectations that fail',
    expectations.map(({ file, line, message }) => `${file}:${line}: ${message}`),
  ),
];

const tableOf = (rows: readonly HTMLTableRowElement[]): HTMLTableElement =>
  h(
    'table',
    { class: 'cases' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...['Status', 'Case', 'What it shows'].map((name) => h('th', { scope: 'col' }, name)),
        h('th', { scope: 'col', class: 'count' }, 'Replays'),
      ),
    ),
    h('tbody', {}, ...rows),
  );

export const makeList = (report: ReportIndex): List => {
  const { cases } = report;
  const rows = cases.map((row) => ({ row, element: rowOf(row) }));
  let shown = rows;
  let status: Status | undefined;
  const filter = h('input', {
    ...{
      type: 'search',
      id: 'filter',
      placeholder: 'Filter by name or title',
      autocomplete: 'off',
      spellcheck: 'false',
    },
    'aria-label': 'Filter cases',
  });
  const found = h('p', { class: 'found', role: 'status' });
  const apply = (): void => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = rows.filter(({ row }) => (status === undefined || row.status === status) && matches(row, words));
    const visible = new Set(shown);
    for (const one of rows) one.element.hidden = !visible.has(one);
    found.textContent = shown.length === rows.length ? '' : `${shown.length} of ${rows.length} cases`;
  };
  filter.addEventListener('input', apply);
  const linkOf = (element: HTMLElement | undefined): HTMLElement | null | undefined => element?.querySelector('a');
  const filters = h(
    'div',
    { class: 'controls' },
    filter,
    chips(cases, (chosen) => {
      status = chosen;
      apply();
    }),
  );
  const table = tableOf(rows.map((row) => row.element));
  const element = h('div', { class: 'list' }, filters, found, ...problemsOf(report), table);
  return {
    ...{ element, filter },
    focus: (name) => linkOf(rows.find(({ row }) => row.name === name)?.element)?.focus(),
    clear: () => {
      filter.value = '';
      filter.blur();
      apply();
    },
    move: (by) => {
      const at = shown.findIndex((one) => one.element.contains(document.activeElement));
      const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by));
      linkOf(shown[next]?.element)?.focus();
    },
    neighbour: (name, by) => {
      const at = shown.findIndex(({ row }) => row.name === name);
      return at < 0 ? undefined : shown[at + by]?.row.name;
    },
  };
};
