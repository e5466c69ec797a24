// SPDX-License-Identifier: GPL-2.0-only
import { editDistance } from './nearest.ts';

/** Directives that mean something, besides those that say how a trace was recorded. */
const MEANINGFUL = [
  ...['hvreplay-trace', 'title', 'machine', 'releases', 'golden', 'recorded-on'],
  ...['seed', 'question', 'answer'],
];

const RECORDED = ['source', 'tool', 'xen-version', 'complete', 'lost'];

/** Directives that hvreplay goes by or writes; others are free. */
const KNOWN_DIRECTIVES: readonly string[] = [...MEANINGFUL, ...RECORDED];

/** Shorter names are near too many words. */
const SHORT = 5;
const LONG = 8;

/**
 * The directive that a free one is a misspelling of: but for case, a plural, or one wrong letter, two in long names.
 * It is stricter than a suggestion for what is wrong anyway, since free directives are allowed.
 */
export const misspeltDirective = (key: string): string | undefined => {
  if (KNOWN_DIRECTIVES.includes(key)) return undefined;
  const lower = key.toLowerCase();
  return KNOWN_DIRECTIVES.find((known) => {
    if (lower === known || lower === `${known}s`) return true;
    return known.length >= SHORT && editDistance(lower, known) <= (known.length >= LONG ? 2 : 1);
  });
};
