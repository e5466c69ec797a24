// SPDX-License-Identifier: GPL-2.0-only
import type { Timeline, TimelineStep } from '../../../../engine/timeline/timeline.ts';
import { h } from './dom.ts';
import { hasChange } from './film.ts';
import type { MismatchesAt } from './mismatches.ts';

/** The list of events, of which one is the present one. */
export interface Events {
  readonly element: HTMLElement;
  /** Marks the event with this index, counted from 1; 0: none. */
  mark(index: number): void;
}

const eventItem = (step: TimelineStep, show: () => void, isWrong: boolean): HTMLLIElement => {
  const press = h(
    'button',
    { type: 'button', class: isWrong ? 'event wrong' : 'event', tabindex: -1 },
    h('span', { class: 'seq' }, String(step.seq)),
    h('span', { class: 'what' }, step.text),
    h('span', { class: 'answer' }, step.answer),
  );
  press.addEventListener('click', show);
  return h('li', { class: hasChange(step) ? 'changes' : 'plain' }, press);
};

/** `show`: told of the index, from 1, of the event that is chosen; `move`: of so many on or back. */
export const makeEvents = (
  { steps }: Timeline,
  mismatchesAt: MismatchesAt,
  show: (index: number) => void,
  move: (by: number) => void,
): Events => {
  const items = steps.map((step, index) => eventItem(step, () => show(index + 1), mismatchesAt(step.seq).length > 0));
  const events = h('ol', { class: 'events', tabindex: 0, 'aria-label': 'Events' }, ...items);
  events.addEventListener('keydown', (event) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    move(by);
  });
  const onlyChanges = h('input', { type: 'checkbox' });
  onlyChanges.addEventListener('change', () => events.classList.toggle('only-changes', onlyChanges.checked));
  let marked: HTMLLIElement | undefined;
  return {
    element: h(
      'div',
      { class: 'script' },
      h('label', { class: 'only' }, onlyChanges, ' only events that change something'),
      events,
    ),
    mark: (index) => {
      marked?.classList.remove('now');
      marked?.removeAttribute('aria-current');
      marked = items[index - 1];
      marked?.classList.add('now');
      marked?.setAttribute('aria-current', 'step');
      scrollWithin(events, marked);
    },
  };
};

/** So much of what is before and after an event is to be seen with it, in pixels. */
const NEIGHBOURS = 60;

/** Scrolls a list, which its items are placed in, but not the page. */
const scrollWithin = (box: HTMLElement, item: HTMLElement | undefined): void => {
  if (item === undefined) return;
  const [top, bottom] = [item.offsetTop - NEIGHBOURS, item.offsetTop + item.offsetHeight + NEIGHBOURS];
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
};
