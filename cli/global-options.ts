// SPDX-License-Identifier: GPL-2.0-only

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly (readonly [string, string])[] = [
  ['--help', 'show help; after a command: its options and examples'],
  ['--no-color', 'do not colour the output (the same as NO_COLOR=1)'],
  ['--debug', 'show where in hvreplay a defect happened (the same as HVREPLAY_DEBUG=1)'],
];

/** Those, and what stands alone. */
export const GLOBAL_OPTIONS: typeof COMMON_OPTIONS = [...COMMON_OPTIONS, ['--version', 'print the version']];
