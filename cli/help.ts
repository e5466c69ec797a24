// SPDX-License-Identifier: GPL-2.0-only
import type { Command } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { wrapped } from './text.ts';

/** Columns of the help of a command. */
export const HELP_WIDTH = 100;

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join('');
};

/** Examples keep a line each, so that they can be copied; what they do is beside them if all fit, else below. */
const examplesText = (examples: Command['examples']): string => {
  const isNarrow = examples.every(
    ([, does]) => does.length + 4 + Math.max(...examples.map(([one]) => one.length)) <= HELP_WIDTH,
  );
  return isNarrow ? table(examples) : examples.map(([line, does]) => `  ${line}\n      ${does}\n`).join('');
};

/** What the help of a command says below its options. */
export const examplesAndDetails = ({ examples, details }: Command): string => {
  const paragraphs = details
    .split('\n\n')
    .map((text) => `${wrapped(text, 0, { width: HELP_WIDTH, hanging: 0 }).join('\n')}\n`);
  return `Examples:\n${examplesText(examples)}\n${paragraphs.join('\n')}`;
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
