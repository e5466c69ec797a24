// SPDX-License-Identifier: GPL-2.0-only
import type { Timeline } from '../../../../engine/timeline/timeline.ts';
import { shortDevice } from './address.ts';
import type { ColourOf } from './colours.ts';
import { h } from './dom.ts';
import type { FactChange, Frame } from './film.ts';

/** Columns in their order, and which facts go into each: the first whose pattern matches, the last one if none does. */
const COLUMNS = [
  { name: 'Hardware', pattern: /^hardware /, width: 'narrow' },
  { name: 'BARs', pattern: /^(?:bar|rom)/, width: '' },
  { name: 'MSI, MSI-X', pattern: /^msix?\b/, width: '' },
  { name: 'State', pattern: /^/, width: 'narrow' },
] as const;

type Column = (typeof COLUMNS)[number];

const columnOf = (field: string): Column | undefined => COLUMNS.find(({ pattern }) => pattern.test(field));

/** The columns that a timeline has facts for. */
export const columnsFor = ({ facts }: Timeline): readonly Column[] => {
  const present = new Set(facts.map(({ field }) => columnOf(field)));
  return COLUMNS.toReversed().filter((column) => present.has(column));
};

const factLine = (field: string, value: string | undefined, change: FactChange | undefined): HTMLElement => {
  const name = field.replace(/^hardware /, '');
  const words = value === undefined ? 'gone' : value;
  return h('div', { class: change === undefined ? 'fact' : 'fact changed' }, h('b', {}, name), ` ${words}`);
};

const deviceRow = (
  device: string,
  facts: ReadonlyMap<string, string>,
  changes: readonly FactChange[],
  { columns, colourOf }: Look,
): HTMLTableRowElement => {
  const own = changes.filter((change) => change.device === device);
  const lost = own.filter(({ after }) => after === undefined);
  const lines = (column: Column): readonly HTMLElement[] => [
    ...[...facts]
      .filter(([field]) => columnOf(field) === column)
      .map(([field, value]) =>
        factLine(
          field,
          value,
          own.find((change) => change.field === field),
        ),
      ),
    ...lost
      .filter(({ field }) => columnOf(field) === column)
      .map((change) => factLine(change.field, undefined, change)),
  ];
  return h(
    'tr',
    { class: own.length > 0 ? 'changed' : undefined },
    h('th', { scope: 'row', class: colourOf(device) }, h('i', { class: 'swatch' }), shortDevice(device)),
    ...columns.map((column) => h('td', {}, ...lines(column))),
  );
};

const table = (rows: readonly HTMLTableRowElement[], columns: readonly Column[]): HTMLTableElement =>
  h(
    'table',
    { class: 'devices' },
    h(
      'colgroup',
      {},
      h('col', { class: 'device' }),
      ...columns.map(({ width }) => h('col', { class: columns.length === COLUMNS.length ? width : '' })),
    ),
    h(
      'thead',
      {},
      h('tr', {}, h('th', { scope: 'col' }, 'Device'), ...columns.map(({ name }) => h('th', { scope: 'col' }, name))),
    ),
    h('tbody', {}, ...rows),
  );

/** What is the same for all events of a timeline. */
interface Look {
  readonly columns: readonly Column[];
  /** Devices that some event changes. */
  readonly changing: ReadonlySet<string>;
  readonly colourOf: ColourOf;
}

/** The devices with their state at an event; those that no event changes are folded away. */
export const devicesView = (frame: Frame, look: Look, isOpen: boolean): HTMLElement => {
  const { changing, columns } = look;
  const rows = (wanted: boolean): readonly HTMLTableRowElement[] =>
    [...frame.devices]
      .filter(([device, facts]) => changing.has(device) === wanted && facts.size > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([device, facts]) => deviceRow(device, facts, frame.changes, look));
  const [moving, still] = [rows(true), rows(false)];
  const count = `${still.length} ${still.length === 1 ? 'device that no event changes' : 'devices that no event changes'}`;
  return h(
    'div',
    {},
    moving.length === 0 ? h('p', { class: 'note' }, 'No event changes a device.') : table(moving, columns),
    still.length === 0
      ? undefined
      : h('details', { class: 'still', open: isOpen }, h('summary', {}, count), table(still, columns)),
  );
};
