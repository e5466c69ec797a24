// SPDX-License-Identifier: GPL-2.0-only
import type { Place } from '../../../../engine/timeline/places.ts';
import type { Timeline } from '../../../../engine/timeline/timeline.ts';
import { h, s } from './dom.ts';

interface Entry {
  readonly form: string;
  readonly text: string;
  /** Whether the map has it at some event; absent: any map may. */
  readonly has?: (place: Place) => boolean;
}

/** What the forms of the map mean. Colours are devices, which the map names itself. */
const PLACES: readonly Entry[] = [
  { form: 'place mapped', text: 'in the p2m', has: ({ kind }) => kind === 'mapped' },
  { form: 'place bar', text: 'BAR, enabled', has: ({ enabled }) => enabled === true },
  { form: 'place bar disabled', text: 'BAR, disabled', has: ({ enabled }) => enabled === false },
  { form: 'place hole', text: 'hole: of the BAR, not mapped', has: ({ kind }) => kind === 'hole' },
  { form: 'place msix', text: 'MSI-X tables, trapped', has: ({ kind }) => kind === 'msix' },
  { form: 'place pending', text: 'deferred work', has: ({ kind }) => kind === 'pending' },
  { form: 'place bar come', text: 'new with this event' },
  { form: 'place bar gone', text: 'gone with this event' },
];

const MISMATCHES: readonly Entry[] = [
  { form: 'mismatch missing', text: 'golden, and missing' },
  { form: 'mismatch unexpected', text: 'not golden' },
];

const item = ({ form, text }: Entry, inner = 'fill'): HTMLLIElement =>
  h(
    'li',
    {},
    s(
      'svg',
      { width: 26, height: 14, class: 'map', 'aria-hidden': 'true' },
      s('g', { class: `${form} device-0` }, s('rect', { x: 1.5, y: 1.5, width: 23, height: 11, class: inner })),
    ),
    text,
  );

/** What is in the map of a timeline. */
export const legend = ({ places, memoryMap }: Timeline, hasMismatches: boolean): HTMLElement =>
  h(
    'ul',
    { class: 'legend' },
    ...PLACES.filter(({ has }) => has === undefined || places.some(has)).map((entry) => item(entry)),
    ...(hasMismatches ? MISMATCHES : []).map((entry) => item(entry)),
    memoryMap.length === 0 ? undefined : item({ form: '', text: "in the machine's memory map" }, 'memory-map'),
    h('li', {}, 'Heights grow with the logarithm of sizes.'),
  );
