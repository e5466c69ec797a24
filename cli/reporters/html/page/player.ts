// SPDX-License-Identifier: GPL-2.0-only
import type { Timeline } from '../../../../engine/timeline/timeline.ts';
import type { ReportIndex } from '../data.ts';
import { axisOf } from './axis.ts';
import { coloursOf } from './colours.ts';
import { detailsOf } from './details.ts';
import { columnsFor, devicesView } from './devices.ts';
import { h } from './dom.ts';
import { makeEvents } from './events.ts';
import { changingDevices, type Frame, frameAt, hasChange, placesOnMap } from './film.ts';
import { legend } from './legend.ts';
import { drawMap, type MapScene } from './map.ts';
import type { Mismatch, MismatchesAt, MismatchPlace } from './mismatches.ts';
import { makeTransport } from './transport.ts';

/** A timeline on the screen: slider, events, map and devices, all at one event. */
export interface Player {
  readonly element: HTMLElement;
  /** Shows the state after the event with this number; `end`: after the last one. */
  showEvent(seq: number | 'end'): void;
  /** So many events on or back. */
  move(by: number): void;
  /** To the next event, or the one before, that changes something. */
  jump(direction: 1 | -1): void;
}

interface Setting {
  readonly timeline: Timeline;
  readonly rules: ReportIndex['rules'];
  readonly mismatchesAt: MismatchesAt;
  /** Told of the event that is shown; undefined: before the first. */
  readonly onShow: (seq: number | undefined) => void;
}

const placesOf = (mismatches: readonly Mismatch[]): readonly MismatchPlace[] =>
  mismatches.flatMap(({ place }) => place ?? []);

const sceneOf = (timeline: Timeline, mismatches: readonly MismatchPlace[]): MapScene => {
  const places = [...placesOnMap(timeline), ...mismatches];
  return {
    axis: axisOf(places),
    domains: [...new Set(places.map(({ domain }) => domain))].sort(),
    memoryMap: timeline.memoryMap,
    colourOf: coloursOf(timeline),
  };
};

/** The map at one event, in a box that scrolls. */
const makeMap = ({ timeline, mismatchesAt }: Setting) => {
  const mismatched = placesOf([...timeline.steps.flatMap(({ seq }) => mismatchesAt(seq)), ...mismatchesAt('end')]);
  const scene = sceneOf(timeline, mismatched);
  const key = legend(timeline, mismatched.length > 0);
  const element = h('div', { class: 'map-box' });
  const draw = (frame: Frame, mismatches: readonly MismatchPlace[]): void => {
    if (scene.domains.length === 0) element.replaceChildren(h('p', { class: 'note' }, 'Nothing is ever mapped.'));
    else element.replaceChildren(drawMap(scene, frame, mismatches), key);
    showChanged(element);
  };
  return { element, draw, colourOf: scene.colourOf };
};

/** The devices at one event; what is folded stays so from event to event. */
const makeDevices = (timeline: Timeline, colourOf: MapScene['colourOf']) => {
  const look = { changing: changingDevices(timeline), columns: columnsFor(timeline), colourOf };
  const element = h('div', {});
  let isOpen = false;
  const draw = (frame: Frame): void => {
    const view = devicesView(frame, look, isOpen);
    view.querySelector('details')?.addEventListener('toggle', ({ target }) => {
      isOpen = target instanceof HTMLDetailsElement && target.open;
    });
    element.replaceChildren(view);
  };
  return { element, draw };
};

export const makePlayer = (setting: Setting): Player => {
  const { timeline, rules, mismatchesAt, onShow } = setting;
  const { steps } = timeline;
  let at = -1;
  const show = (index: number): void => {
    const next = Math.min(steps.length, Math.max(0, index));
    if (next === at) return;
    at = next;
    const frame = frameAt(timeline, at);
    const { step } = frame;
    const isEnd = at === steps.length;
    const mismatches = [...(step === undefined ? [] : mismatchesAt(step.seq)), ...(isEnd ? mismatchesAt('end') : [])];
    transport.set(at, step === undefined ? 'before the first event' : `event ${step.seq}: ${step.text}`);
    map.draw(frame, placesOf(mismatches));
    events.mark(at);
    devices.draw(frame);
    details.replaceChildren(detailsOf(frame, mismatches, timeline, rules));
    onShow(step?.seq);
  };
  const move = (by: number): void => show(at + by);
  const transport = makeTransport(timeline, mismatchesAt, show, move);
  const events = makeEvents(timeline, mismatchesAt, show, move);
  const map = makeMap(setting);
  const devices = makeDevices(timeline, map.colourOf);
  const details = h('div', { class: 'details-box', 'aria-live': 'polite' });
  return {
    element: h(
      'div',
      { class: 'player' },
      transport.element,
      h('div', { class: 'stage' }, events.element, map.element, details),
      h('h3', {}, 'Devices'),
      devices.element,
    ),
    move,
    jump: (direction) => {
      const order = direction > 0 ? steps.slice(at) : steps.slice(0, Math.max(0, at - 1));
      const next = direction > 0 ? order.find(hasChange) : order.findLast(hasChange);
      if (next !== undefined) show(steps.indexOf(next) + 1);
    },
    showEvent: (seq) => {
      const index = seq === 'end' ? -1 : steps.findIndex((step) => step.seq === seq);
      show(index < 0 ? steps.length : index + 1);
    },
  };
};

const MARGIN = 40;

/** Scrolls the map, where it is longer than its box, to what has changed. */
const showChanged = (box: HTMLElement): void => {
  const [first] = box.querySelectorAll('.mismatch, .come, .gone');
  if (first === undefined || box.scrollHeight <= box.clientHeight) return;
  const [outer, inner] = [box.getBoundingClientRect(), first.getBoundingClientRect()];
  const isSeen = inner.top >= outer.top && inner.top + MARGIN <= outer.bottom;
  if (!isSeen) box.scrollTop += inner.top - outer.top - MARGIN;
};
