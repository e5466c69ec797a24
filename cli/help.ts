// SPDX-License-Identifier: GPL-2.0-only
import { COMMANDS } from './command-table.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join('');
};

/** The help without a command; it needs nothing but the table of commands. */
export const overview = (): string =>
  `usage: hvreplay <command> [options]

Replays traces of Xen hypercalls and PCI config and MMIO accesses through a model of
the hypervisor, and compares p2m, BARs and error codes with golden files.

commands
${table(COMMANDS.map(({ name, summary }) => [name, summary]))}
options
${table(GLOBAL_OPTIONS)}
'hvreplay <command> --help' explains a command. Data goes to stdout, notes to stderr.

exit status
  0  all agrees       1  something differs
  2  the input or the command line is wrong       3  a defect of hvreplay
`;
