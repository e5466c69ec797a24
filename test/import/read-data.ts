// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';

/** Text of a cut of a real recording; see docs/importing.md for where they come from. */
export const readData = (name: string): string => readFileSync(new URL(`data/${name}`, import.meta.url), 'utf8');
