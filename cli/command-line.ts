// SPDX-License-Identifier: GPL-2.0-only

import { didYouMean } from '../engine/trace/nearest.ts';
import type { Args } from './args.ts';
import type { Command, CommandEntry, Option } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { examplesAndDetails, HELP_WIDTH, overview } from './help.ts';

/** What the words of a command line ask for. */
export type CommandLine =
  | { readonly kind: 'run'; readonly command: Command; readonly args: Args }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly message: string };

/** Switches that `main.ts` has looked at already. */
const GLOBAL_SWITCHES = ['debug', 'no-color', 'help'];

/** yargs says of each option whether it takes a value; the name of the value, before its text, says so already. */
const withoutTypes = (help: string): string =>
  help
    .replaceAll(/^ +\[(?:string|boolean)\]\n/gm, '')
    .replaceAll(/\[(?:string|boolean)\]/g, (type) => ' '.repeat(type.length))
    .replaceAll(/ +$/gm, '');

const wrong = (message: string, command?: string): CommandLine => ({
  kind: 'wrong',
  message: `hvreplay${command === undefined ? '' : ` ${command}`}: ${message}\nTry 'hvreplay${command === undefined ? '' : ` ${command}`} --help'.\n`,
});

const usageOf = (command: Command): string =>
  command.positionals
    .map(({ name, required, many }) => {
      const word = `${name}${many ? '..' : ''}`;
      return required ? `<${word}>` : `[${word}]`;
    })
    .join(' ');

/** The same for yargs, which is not to complain about what is missing: {@link objection} does it in our words. */
const patternOf = (command: Command): string =>
  command.positionals.map(({ name, many }) => `[${name}${many ? '..' : ''}]`).join(' ');

const yargsOption = (option: Option): Readonly<Record<string, unknown>> => ({
  describe: option.value === undefined ? option.describe : `${option.value}: ${option.describe}`,
  type: option.value === undefined ? 'boolean' : 'string',
  ...(option.value === undefined ? {} : { requiresArg: true }),
  ...(option.repeatable ? { array: true } : {}),
  ...(option.short === undefined ? {} : { alias: option.short }),
  ...(option.default === undefined ? {} : { defaultDescription: option.default }),
});

/** A value that is none of the choices that there are. */
const notAChoice = ({ options, positionals }: Command, argv: Readonly<Record<string, unknown>>): string | undefined => {
  const choosers = [
    ...Object.entries(options).map(([name, { choices }]) => ({ key: name, shown: `--${name} `, choices })),
    ...positionals.map(({ name, choices }) => ({ key: name, shown: '', choices })),
  ];
  for (const { key, shown, choices } of choosers) {
    const value = argv[key];
    if (choices !== undefined && typeof value === 'string' && !choices.includes(value))
      return `${shown}${value}: expected ${choices.join(', ')}`;
  }
  return undefined;
};

/** What yargs lets pass: unknown options, an option given twice, values that are no choice, arguments too many. */
const objection = (command: Command, argv: Readonly<Record<string, unknown>>): string | undefined => {
  const known = new Set([
    ...['_', '$0', ...GLOBAL_SWITCHES],
    ...command.positionals.map(({ name }) => name),
    ...Object.entries(command.options).flatMap(([name, { short }]) => (short === undefined ? [name] : [name, short])),
  ]);
  const options = [...Object.keys(command.options), ...GLOBAL_SWITCHES].map((name) => `--${name}`);
  for (const name of Object.keys(argv))
    if (!known.has(name)) {
      const word = name.length === 1 ? `-${name}` : `--${name}`;
      return `unknown option '${word}'${didYouMean(word, options)}`;
    }
  for (const [name, option] of Object.entries(command.options))
    if (!option.repeatable && Array.isArray(argv[name])) return `option '--${name}' is given more than once`;
  for (const { name, required } of command.positionals) {
    const value = argv[name];
    if (required && (value === undefined || (Array.isArray(value) && value.length === 0)))
      return `expected ${usageOf(command)}`;
  }
  const { _: rest } = argv;
  if (Array.isArray(rest) && rest.length > 0) return `too many arguments: '${String(rest[0])}'`;
  return notAChoice(command, argv);
};

/** Stands for `-`, which yargs loses among positional arguments; no word of a command line can hold a NUL. */
const DASH = '\0-';

const restoreDash = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(restoreDash) : value === DASH ? '-' : value;

const respell = (words: readonly string[], command: Command): string[] => {
  const end = words.indexOf('--');
  return words.map((word, index) => {
    if (word === '-') return DASH;
    return end >= 0 && index > end ? word : (command.spellings?.[word] ?? word);
  });
};

/** `take`: given the arguments, unless help was asked for. */
const parserFor = async ({ name, summary }: CommandEntry, command: Command, take: (args: Args) => void) => {
  const { default: yargs } = await import('yargs');
  return yargs()
    .scriptName(`hvreplay ${name}`)
    .locale('en')
    .updateStrings({
      'Not enough arguments following: %s': "option '%s' needs a value",
      'Positionals:': 'Arguments:',
      array: 'may be repeated',
    })
    .usage(`hvreplay ${name} ${usageOf(command)}\n\n${summary}`)
    .parserConfiguration({
      'camel-case-expansion': false,
      'boolean-negation': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .version(false)
    .help('help', 'show this')
    .wrap(HELP_WIDTH)
    .option('debug', { type: 'boolean', describe: 'show where in hvreplay a defect happened' })
    .option('no-color', { type: 'boolean', describe: 'do not colour the output' })
    .group(
      command.positionals.map((positional) => positional.name),
      'Arguments:',
    )
    .group(Object.keys(command.options), 'Options:')
    .group(GLOBAL_SWITCHES, 'Of every command:')
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .command(
      `$0 ${patternOf(command)}`,
      summary,
      (builder) => {
        for (const { name: word, describe } of command.positionals)
          builder.positional(word, { type: 'string', describe });
        for (const [word, option] of Object.entries(command.options)) builder.option(word, yargsOption(option));
        return builder;
      },
      (argv) => take(Object.fromEntries(Object.entries(argv).map(([word, value]) => [word, restoreDash(value)]))),
    );
};

const parseFor = async (entry: CommandEntry, words: readonly string[]): Promise<CommandLine> => {
  const command = await entry.load();
  let args: Args | undefined;
  const parser = await parserFor(entry, command, (taken) => {
    args = taken;
  });
  let output = '';
  try {
    await parser.parseAsync(respell(words, command), {}, (_error, _argv, text) => {
      output = text;
    });
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error), entry.name);
  }
  if (output !== '') return { kind: 'help', text: `${withoutTypes(output)}\n\n${examplesAndDetails(command)}` };
  if (args === undefined) return wrong('nothing to do', entry.name);
  const message = objection(command, args);
  return message === undefined ? { kind: 'run', command, args } : wrong(message, entry.name);
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
