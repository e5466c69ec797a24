// SPDX-License-Identifier: GPL-2.0-only
import { shortDevice } from './address.ts';
import type { ColourOf } from './colours.ts';
import { h } from './dom.ts';
import type { FactChange, Frame } from './film.ts';

/** Columns, and which facts go into each: the first that matches. */
const COLUMNS = [
  { name: 'Hardware', pattern: /^hardware / },
  { name: 'BARs', pattern: /^(?:bar|rom)/ },
  { name: 'MSI, MSI-X', pattern: /^msix?\b/ },
  { name: 'State', pattern: /^/ },
] as const;

const SHOWN = ['State', 'BARs', 'MSI, MSI-X', 'Hardware'] as const;
const WIDTHS = ['device', 'narrow', '', '', 'narrow'];

const columnOf = (field: string): string => COLUMNS.find(({ pattern }) => pattern.test(field))?.name ?? 'State';

const factLine = (field: string, value: string | undefined, change: FactChange | undefined): HTMLElement => {
  const name = field.replace(/^hardware /, '');
  const words = value === undefined ? 'none any more' : value;
  return h('div', { class: change === undefined ? 'fact' : 'fact changed' }, h('b', {}, name), ` ${words}`);
};

const deviceRow = (
  device: string,
  facts: ReadonlyMap<string, string>,
  changes: readonly FactChange[],
  colourOf: ColourOf,
): HTMLTableRowElement => {
  const own = changes.filter((change) => change.device === device);
  const lost = own.filter(({ after }) => after === undefined);
  const lines = (column: string): readonly HTMLElement[] => [
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
    ...SHOWN.map((column) => h('td', {}, ...lines(column))),
  );
};

const table = (rows: readonly HTMLTableRowElement[]): HTMLTableElement =>
  h(
    'table',
    { class: 'devices' },
    h('colgroup', {}, ...WIDTHS.map((width) => h('col', { class: width }))),
    h(
      'thead',
      {},
      h('tr', {}, h('th', { scope: 'col' }, 'Device'), ...SHOWN.map((name) => h('th', { scope: 'col' }, name))),
    ),
    h('tbody', {}, ...rows),
  );

/** The devices with their state at an event; those that no event changes are folded away. */
export const devicesView = (frame: Frame, changing: ReadonlySet<string>, colourOf: ColourOf, isOpen: boolean) => {
  const rows = (wanted: boolean): readonly HTMLTableRowElement[] =>
    [...frame.devices]
      .filter(([device, facts]) => changing.has(device) === wanted && facts.size > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([device, facts]) => deviceRow(device, facts, frame.changes, colourOf));
  const [moving, still] = [rows(true), rows(false)];
  const count = `${still.length} ${still.length === 1 ? 'device that no event changes' : 'devices that no event changes'}`;
  return h(
    'div',
    {},
    moving.length === 0 ? h('p', { class: 'note' }, 'No event changes a device.') : table(moving),
    still.length === 0
      ? undefined
      : h('details', { class: 'still', open: isOpen }, h('summary', {}, count), table(still)),
  );
};
