// SPDX-License-Identifier: GPL-2.0-only
import type { Arch } from '../machine/plain.ts';

/** The last machine frame that an address has room for, on hardware that uses all of its bits (PADDR_BITS). */
export const lastMfn = (arch: Arch): number => 2 ** ((arch === 'arm' ? 48 : 52) - 12) - 1;
