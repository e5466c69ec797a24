// SPDX-License-Identifier: GPL-2.0-only

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { didYouMean } from '../engine/trace/nearest.ts';
import { type Args, flagOf, textsOf } from './args.ts';
import type { Command, CommandEntry } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { COMMON_OPTIONS } from './global-options.ts';
import { commandHelp, overview, usageOf } from './help.ts';

/** What the words of a command line ask for. */
export type CommandLine =
  | { readonly kind: 'run'; readonly command: Command; readonly args: Args }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

/** Switches that every command takes; but for `help`, `main.ts` has looked at them already. */
const GLOBAL_SWITCHES = COMMON_OPTIONS.map(([name]) => name.slice(2));

const wrong = (message: string, command?: string): CommandLine => ({
  kind: 'wrong',
  message: `hvreplay${command === undefined ? '' : ` ${command}`}: ${message}\nTry 'hvreplay${command === undefined ? '' : ` ${command}`} --help'.\n`,
});

/** A value that is none of the choices that there are. */
const notAChoice = ({ options, positionals }: Command, args: Args): string | undefined => {
  const choosers = [
    ...Object.entries(options).map(([name, { choices }]) => ({ key: name, shown: `--${name} `, choices })),
    ...positionals.map(({ name, choices }) => ({ key: name, shown: '', choices })),
  ];
  for (const { key, shown, choices } of choosers) {
    const value = args[key];
    if (choices !== undefined && typeof value === 'string' && !choices.includes(value))
      return `${shown}${value}: expected ${choices.join(', ')}`;
  }
  return undefined;
};

/** Switches and options of a command as `parseArgs` takes them. */
const declarationsOf = ({ options }: Command): NonNullable<ParseArgsConfig['options']> => ({
  ...Object.fromEntries(GLOBAL_SWITCHES.map((name) => [name, { type: 'boolean' }] as const)),
  help: { type: 'boolean', short: 'h' },
  ...Object.fromEntries(
    Object.entries(options).map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) } as const,
    ]),
  ),
});

/** An option as it stands among the words, `value` undefined where it has none. */
interface GivenOption {
  readonly name: string;
  /** As it was written: `--release`, `-r`. */
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** Names of options by which proposals are chosen: which one a command has depends on what else it asks for. */
const OF_PROPOSALS = ['with', 'proposal'];

/** The option that does here what an option of this name does in other commands. */
const sameThing = (name: string, { options }: Command): string | undefined =>
  OF_PROPOSALS.includes(name) ? [...OF_PROPOSALS, 'release'].find((other) => Object.hasOwn(options, other)) : undefined;

/** What is wrong with one option, whatever else is given. */
const wrongOption = (command: Command, { name, rawName, value, inlineValue }: GivenOption): string | undefined => {
  const option = Object.hasOwn(command.options, name) ? command.options[name] : undefined;
  if (option === undefined && !GLOBAL_SWITCHES.includes(name)) {
    const other = sameThing(name, command);
    if (other !== undefined) return `unknown option '${rawName}'; here proposals are named by --${other}`;
    const known = [...Object.keys(command.options), ...GLOBAL_SWITCHES].map((word) => `--${word}`);
    return `unknown option '${rawName}'${didYouMean(rawName, known)}`;
  }
  if (option?.value === undefined) return value === undefined ? undefined : `option '--${name}' takes no value`;
  if (value === undefined) return `option '--${name}' needs a value`;
  // The next word is most likely another option, and not a value.
  if (!inlineValue && /^-./.test(value))
    return `option '--${name}' needs a value; one that begins with - is written --${name}=${value}`;
  return undefined;
};

/** The values of positional arguments by name; text: what is wrong with them. */
const positionalArgs = (command: Command, words: readonly string[]): Args | string => {
  const args: Record<string, unknown> = {};
  let at = 0;
  for (const { name, required, many } of command.positionals) {
    if (required && at === words.length) return `expected ${usageOf(command)}`;
    if (many) args[name] = words.slice(at);
    else if (at < words.length) args[name] = words[at];
    at = many ? words.length : at + 1;
  }
  return at < words.length ? `too many arguments: '${words[at]}'` : args;
};

const respell = (words: readonly string[], command: Command): string[] => {
  const end = words.indexOf('--');
  return words.map((word, index) => (end >= 0 && index > end ? word : (command.spellings?.[word] ?? word)));
};

/** Options and arguments of the words behind a command; text: what is wrong with them. */
const argsFrom = (command: Command, words: readonly string[]): Args | string => {
  const { positionals, tokens } = parseArgs({
    ...{ args: respell(words, command), options: declarationsOf(command) },
    ...{ strict: false, allowPositionals: true, tokens: true },
  });
  const given = tokens.filter((token) => token.kind === 'option');
  const args: Record<string, unknown> = {};
  for (const option of given) {
    const message = wrongOption(command, option);
    if (message !== undefined) return message;
    const { name, value = true } = option;
    if (command.options[name]?.repeatable) args[name] = [...textsOf(args, name), value];
    else if (name in args && name in command.options) return `option '--${name}' is given more than once`;
    else args[name] = value;
  }
  if (flagOf(args, 'help')) return args;
  const rest = positionalArgs(command, positionals);
  if (typeof rest === 'string') return rest;
  const all = { ...args, ...rest };
  return notAChoice(command, all) ?? all;
};

const parseFor = async (entry: CommandEntry, words: readonly string[]): Promise<CommandLine> => {
  const command = await entry.load();
  const args = argsFrom(command, words);
  if (typeof args === 'string') return wrong(args, entry.name);
  return flagOf(args, 'help') ? { kind: 'help', text: commandHelp(entry, command) } : { kind: 'run', command, args };
};

/** All global options are switches, so the first word that is no option is the command. */
export const parseCommandLine = async (words: readonly string[]): Promise<CommandLine> => {
  const at = words.findIndex((word) => !word.startsWith('-'));
  const name = words[at];
  if (name === undefined) {
    const unknown = words.find((word) => !GLOBAL_SWITCHES.includes(word.slice(2)) && word !== '-h');
    if (unknown !== undefined)
      return wrong(`unknown option '${unknown}'${didYouMean(unknown, ['--help', '--version'])}`);
    if (words.includes('--help') || words.includes('-h')) return { kind: 'help', text: overview() };
    return wrong('which command?');
  }
  const rest = words.toSpliced(at, 1);
  if (name === 'help') {
    const topic = rest.find((word) => !word.startsWith('-'));
    return topic === undefined ? { kind: 'help', text: overview() } : parseCommandLine([topic, '--help']);
  }
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry === undefined)
    return wrong(
      `unknown command '${name}'${didYouMean(
        name,
        COMMANDS.map((command) => command.name),
      )}`,
    );
  return parseFor(entry, rest);
};
