// SPDX-License-Identifier: GPL-2.0-only
import type { Timeline } from '../../../../engine/timeline/timeline.ts';
import { button, h, s } from './dom.ts';
import type { MismatchesAt } from './mismatches.ts';

/** The slider over the events, with what leads to it. */
export interface Transport {
  readonly element: HTMLElement;
  /** Follows to the event with this index, counted from 1; 0: before the first. `text`: what it is. */
  set(index: number, text: string): void;
}

/** A tick is this part of the slider's width. */
const TICKS_SIDE_BY_SIDE = 240;

/** Under the slider: where the map changes, where devices do, and where the outcome is not golden. */
const ticks = (timeline: Timeline, mismatchesAt: MismatchesAt): SVGSVGElement => {
  const count = Math.max(1, timeline.steps.length);
  const strip = s('svg', {
    class: 'ticks',
    viewBox: `0 0 ${count} 10`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  const width = count / TICKS_SIDE_BY_SIDE;
  timeline.steps.forEach((step, index) => {
    const x = index + 1 - width / 2;
    const isLast = index === timeline.steps.length - 1;
    const isWrong = mismatchesAt(step.seq).length > 0 || (isLast && mismatchesAt('end').length > 0);
    const kind = isWrong ? 'wrong' : step.come || step.gone ? 'map' : step.facts ? 'device' : undefined;
    if (kind !== undefined)
      strip.append(s('rect', { x, width, y: kind === 'device' ? 5 : 0, height: 10, class: `tick ${kind}` }));
  });
  return strip;
};

export const makeTransport = (
  timeline: Timeline,
  mismatchesAt: MismatchesAt,
  show: (index: number) => void,
  move: (by: number) => void,
): Transport => {
  const count = timeline.steps.length;
  const slider = h('input', {
    ...{ type: 'range', min: 0, max: count, step: 1, value: 0, id: 'slider' },
    'aria-label': 'Event',
  });
  slider.addEventListener('input', () => show(Number(slider.value)));
  const place = h('output', { for: 'slider' });
  return {
    element: h(
      'div',
      { class: 'transport' },
      button('◀', () => move(-1), { title: 'Event before: [', 'aria-label': 'Event before' }),
      h('div', { class: 'track' }, slider, ticks(timeline, mismatchesAt)),
      button('▶', () => move(1), { title: 'Next event: ]', 'aria-label': 'Next event' }),
      place,
    ),
    set: (index, text) => {
      slider.value = String(index);
      slider.setAttribute('aria-valuetext', text);
      place.textContent = `${index} of ${count}`;
    },
  };
};
