// SPDX-License-Identifier: GPL-2.0-only

/** Options that every command takes. */
export const GLOBAL_OPTIONS: readonly (readonly [string, string])[] = [
  ['--help', 'show help; after a command: its options and examples'],
  ['--version', 'print the version'],
  ['--no-color', 'do not colour the output (the same as NO_COLOR=1)'],
  ['--debug', 'show where in hvreplay a defect happened (the same as HVREPLAY_DEBUG=1)'],
];
