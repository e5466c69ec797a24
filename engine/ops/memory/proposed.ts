// SPDX-License-Identifier: GPL-2.0-only
import type { ModelWorld } from '../../state/model-world.ts';

/** Proposal: guests map MMIO that the toolstack permitted, where they want it. */
export const guestsMapMmio = ({ arm }: ModelWorld): boolean => arm?.behaviours.guestBars === 'guest-places';
