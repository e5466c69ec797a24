// SPDX-License-Identifier: GPL-2.0-only
import { type Mfn, mfn } from '../num/frames.ts';

/**
 * Pages that Xen takes from its own heap and shares with a domain. Where they are nobody outside Xen can know: these
 * numbers, beyond all memory of a machine, stand for them.
 */
const FIRST = 2 ** 36;
const FRAMES_PER_DOMAIN = 2 ** 13;
const DOMAINS = 2 ** 16;

/** Where the status frames of a domain's grant table begin among its frames. */
const FIRST_STATUS_FRAME = 2 ** 12;

/** Frame `index` of a domain's grant table. */
export const grantFrame = (domid: number, index: number): Mfn => mfn(FIRST + domid * FRAMES_PER_DOMAIN + index);

/** Frame `index` of the status entries of a domain's grant table, which version 2 has. */
export const grantStatusFrame = (domid: number, index: number): Mfn => grantFrame(domid, FIRST_STATUS_FRAME + index);

/** Whether a page is Xen's (is_special_page). */
export const isHeapFrame = (frame: number): boolean => frame >= FIRST && frame < FIRST + DOMAINS * FRAMES_PER_DOMAIN;
