// SPDX-License-Identifier: GPL-2.0-only
import type { Timeline } from '../../../../engine/timeline/timeline.ts';
import type { ReportIndex } from '../data.ts';
import { h } from './dom.ts';
import type { Frame } from './film.ts';
import { describePlace } from './map.ts';
import type { Mismatch } from './mismatches.ts';

const list = (title: string, items: readonly HTMLElement[]): HTMLElement | undefined =>
  items.length === 0 ? undefined : h('div', { class: 'group' }, h('h4', {}, title), h('ul', {}, ...items));

const ruleItem = ([rule, ...subjects]: readonly string[], rules: ReportIndex['rules']): HTMLLIElement => {
  const known = rule === undefined ? undefined : rules[rule];
  return h(
    'li',
    {},
    h('code', {}, rule ?? ''),
    subjects.length === 0 ? undefined : h('span', { class: 'subjects' }, ` ${subjects.join(', ')}`),
    known === undefined
      ? undefined
      : h('div', { class: 'says' }, known.says, h('span', { class: 'xen' }, ` ${known.where}`)),
  );
};

/** All that one event did, in words. */
export const detailsOf = (
  frame: Frame,
  mismatches: readonly Mismatch[],
  timeline: Timeline,
  rules: ReportIndex['rules'],
): HTMLElement => {
  const { step } = frame;
  if (step === undefined)
    return h(
      'div',
      { class: 'details' },
      h('h3', {}, 'Before the first event'),
      h('p', {}, 'The machine as it is described.'),
    );
  const isLast = step === timeline.steps.at(-1);
  const { unreached, end } = isLast ? timeline : {};
  return h(
    'div',
    { class: 'details' },
    h('h3', {}, step.line === undefined ? `Event ${step.seq}` : `Event ${step.seq}, line ${step.line} of the trace`),
    h('p', { class: 'call' }, h('code', {}, step.text), step.answer === '' ? '' : ' → ', h('strong', {}, step.answer)),
    step.note === undefined ? undefined : h('p', { class: 'note' }, step.note),
    unreached === undefined
      ? undefined
      : h('p', { class: 'note' }, `Xen's own code leaves defined behaviour here; events not reached: ${unreached}.`),
    end === undefined
      ? undefined
      : h(
          'p',
          { class: 'note' },
          `The final state is ${end}: Xen's own code leaves defined behaviour in looking at it.`,
        ),
    list(
      'Not as in the golden file',
      mismatches.map(({ text }) => h('li', { class: 'wrong' }, text)),
    ),
    list(
      'Decided by',
      (step.rules ?? []).map((rule) => ruleItem(rule, rules)),
    ),
    list(
      'Reached hardware',
      (step.hw ?? []).map((access) => h('li', {}, h('code', {}, access))),
    ),
    list(
      'New on the map',
      frame.come.map((place) => h('li', {}, describePlace(place))),
    ),
    list(
      'Gone from the map',
      frame.gone.map((place) => h('li', {}, describePlace(place))),
    ),
    list(
      'Devices',
      frame.changes.map(({ device, field, before, after }) =>
        h('li', {}, `${device} ${field}: `, h('del', {}, before ?? 'none'), ' ', h('ins', {}, after ?? 'none')),
      ),
    ),
  );
};
