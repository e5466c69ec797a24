// SPDX-License-Identifier: GPL-2.0-only
import { h } from './dom.ts';

/** What keys do. */
export type Keys = Readonly<Record<string, () => void>>;

const KEYS_HELP: readonly (readonly [keys: string, does: string])[] = [
  ['/', 'filter the cases'],
  ['j  k', 'next case, case before'],
  ['Enter', 'open a case'],
  ['Esc', 'back to the list'],
  ['[  ]', 'event before, next event'],
  ['{  }', 'the same, but only events that change something'],
  ['t', 'dark or light'],
  ['?', 'these keys'],
];

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement && target.type !== 'range' && target.type !== 'checkbox';

/** Keys work wherever the focus is, but not while something is typed; Esc always does. */
export const listen = (keys: Keys): void => {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) && event.key !== 'Escape') return;
    const action = keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
};

export const keysDialog = (): HTMLDialogElement =>
  h(
    'dialog',
    { 'aria-label': 'Keys' },
    h('h2', {}, 'Keys'),
    h('dl', {}, ...KEYS_HELP.flatMap(([keys, does]) => [h('dt', {}, h('kbd', {}, keys)), h('dd', {}, does)])),
    h('form', { method: 'dialog' }, h('button', {}, 'Close')),
  );
