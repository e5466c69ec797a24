// SPDX-License-Identifier: GPL-2.0-only
import type { Command, CommandEntry, Option } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { COMMON_OPTIONS, GLOBAL_OPTIONS } from './global-options.ts';
import { wrapped } from './text.ts';

/** Columns of the help of a command. */
const HELP_WIDTH = 100;

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

/** `<trace..>`, `[path..]`: a command's arguments in one line. */
export const usageOf = ({ positionals }: Command): string =>
  positionals
    .map(({ name, required, many }) => {
      const word = `${name}${many ? '..' : ''}`;
      return required ? `<${word}>` : `[${word}]`;
    })
    .join(' ');

/** A name and a text beside it, in as many lines as the text takes. */
type Row = readonly [name: string, text: string];

/** `-r, --release NAME`, and what it is. */
const optionRow = ([name, { short, value, describe, repeatable, default: usual }]: readonly [string, Option]): Row => [
  `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
  `${describe}${repeatable ? '; may be repeated' : ''}${usual === undefined ? '' : ` (default: ${usual})`}`,
];

const MAX_NAME = 30;

/** Rows under a heading, none if there are none. Texts begin in one column; below a name that is longer than others. */
const section = (heading: string, rows: readonly Row[]): string => {
  const column = 4 + Math.max(...rows.map(([name]) => name.length).filter((length) => length <= MAX_NAME), 0);
  const lines = rows.flatMap(([name, text]) => {
    const [first = '', ...rest] = wrapped(text, column, { width: HELP_WIDTH, hanging: 0 });
    const start = `  ${name}`;
    return start.length > column - 2 ? [start, first, ...rest] : [start.padEnd(column) + first.slice(column), ...rest];
  });
  return rows.length === 0 ? '' : `${heading}:\n${lines.join('\n')}\n\n`;
};

/** The help of a command. */
export const commandHelp = ({ name, summary }: CommandEntry, command: Command): string => {
  const { positionals, options, examples, details } = command;
  const paragraphs = details
    .split('\n\n')
    .map((text) => `${wrapped(text, 0, { width: HELP_WIDTH, hanging: 0 }).join('\n')}\n`);
  return [
    `usage: hvreplay ${name} [options] ${usageOf(command)}`.trimEnd(),
    `\n\n${summary}\n\n`,
    section(
      'Arguments',
      positionals.map((positional) => [positional.name, positional.describe]),
    ),
    section('Options', Object.entries(options).map(optionRow)),
    section('Of every command', COMMON_OPTIONS),
    `Examples:\n${examplesText(examples)}\n${paragraphs.join('\n')}`,
  ].join('');
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
