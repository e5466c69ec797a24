// SPDX-License-Identifier: GPL-2.0-only
import { type Mfn, mfn } from '../num/frames.ts';

/**
 * Pages that Xen takes from its own heap and shares with a domain. Where they are nobody outside Xen can know: these
 * numbers, beyond all memory of a machine, stand for them.
 */
const FIRST = 2 ** 36;
const FRAMES_PER_DOMAIN = 2 ** 13;
const DOMAINS = 2 ** 16;

/** Frame `index` of a domain's grant table. */
export const grantFrame = (domid: number, index: number): Mfn => mfn(FIRST + domid * FRAMES_PER_DOMAIN + index);

/** Whether a page is Xen's (is_special_page). */
export const isHeapFrame = (frame: number): boolean => frame >= FIRST && frame < FIRST + DOMAINS * FRAMES_PER_DOMAIN;
