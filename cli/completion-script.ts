// SPDX-License-Identifier: GPL-2.0-only
import { allChoices } from './choices.ts';
import type { Command, CommandEntry, Option } from './command.ts';
import { COMMON_OPTIONS, GLOBAL_OPTIONS } from './global-options.ts';
import type { Model } from './session.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

interface Loaded {
  readonly name: string;
  readonly summary: string;
  readonly command: Command;
}

/** Values to offer; undefined: files. */
type ValuesOf = (taker: Pick<Option, 'choices' | 'completes'> | undefined) => readonly string[] | undefined;

const valuesFrom =
  (model: Model): ValuesOf =>
  (taker) => {
    const completes = taker?.choices ?? taker?.completes;
    if (completes === 'release') return ['all', ...allChoices(model).map(({ name }) => name)];
    return typeof completes === 'string' ? undefined : completes;
  };

/** For single quotes of all three shells. */
const plainText = (text: string): string => text.replaceAll("'", '’').replaceAll('\n', ' ');

const longOptions = (command: Command): readonly string[] => [
  ...Object.keys(command.options).map((name) => `--${name}`),
  ...COMMON_OPTIONS.map(([name]) => name),
];

/** `replay:--release|replay:-r) words ;;` */
const bashValueArm = (loaded: Loaded, name: string, values: ValuesOf): string => {
  const option = loaded.command.options[name];
  if (option?.value === undefined) return '';
  const spellings = [`--${name}`, ...(option.short === undefined ? [] : [`-${option.short}`])];
  const pattern = spellings.map((spelling) => `${loaded.name}:${spelling}`).join('|');
  const words = values(option);
  return `    ${pattern}) ${words === undefined ? 'return' : `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur")); return`} ;;\n`;
};

const bashCommandArm = ({ name, command }: Loaded, values: ValuesOf): string => {
  const [positional] = command.positionals;
  const words = values(positional) ?? [];
  return `    ${name}) options='${longOptions(command).join(' ')}'; words='${words.join(' ')}' ;;\n`;
};

const bash = (all: readonly Loaded[], values: ValuesOf): string => `# bash completion for hvreplay
_hvreplay() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= options= words= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in -*) ;; *) command=\${COMP_WORDS[i]}; break ;; esac
  done
  case $command:$prev in
${all.flatMap((one) => Object.keys(one.command.options).map((name) => bashValueArm(one, name, values))).join('')}  esac
  case $command in
    '') options='${GLOBAL_OPTIONS.map(([name]) => name).join(' ')}'; words='${all.map(({ name }) => name).join(' ')}' ;;
${all.map((one) => bashCommandArm(one, values)).join('')}  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$options" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -o default -F _hvreplay hvreplay
`;

const zshText = (text: string): string => plainText(text).replace(/[[\]:]/g, '\\$&');

const zshAction = (words: readonly string[] | undefined): string =>
  words === undefined ? '_files' : `(${words.join(' ')})`;

const zshOption = (name: string, command: Command, values: ValuesOf): string => {
  const option = command.options[name];
  if (option === undefined) return '';
  const text = `[${zshText(option.describe)}]`;
  const repeat = option.repeatable ? '*' : '';
  const spec = `'${repeat}--${name}${option.value === undefined ? '' : '='}${text}`;
  return option.value === undefined ? `${spec}'` : `${spec}:${zshText(option.value)}:${zshAction(values(option))}'`;
};

const zshArm = ({ name, command }: Loaded, values: ValuesOf): string => {
  const specs = [
    ...Object.keys(command.options).map((option) => zshOption(option, command, values)),
    "'--help[show help]'",
    ...command.positionals.map(
      (one) =>
        `'${one.many ? '*' : '1'}:${zshText(one.name)}:${zshAction(values({ completes: one.many ? [] : 'file', ...one }))}'`,
    ),
  ];
  return `    ${name})\n      _arguments \\\n        ${specs.join(' \\\n        ')}\n      ;;\n`;
};

const zsh = (all: readonly Loaded[], values: ValuesOf): string => `#compdef hvreplay
# zsh completion for hvreplay
_hvreplay() {
  local -a commands=(
${all.map(({ name, summary }) => `    '${name}:${zshText(summary)}'\n`).join('')}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    _arguments ${GLOBAL_OPTIONS.map(([name, text]) => `'${name}[${zshText(text)}]'`).join(' ')}
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${all.map((one) => zshArm(one, values)).join('')}  esac
}
if [[ $funcstack[1] == _hvreplay ]]; then _hvreplay "$@"; else compdef _hvreplay hvreplay; fi
`;

const fishLine = (condition: string, rest: string): string => `complete -c hvreplay -n '${condition}' ${rest}\n`;

const fishCommand = ({ name, summary, command }: Loaded, values: ValuesOf): string => {
  const here = `__fish_seen_subcommand_from ${name}`;
  let text = fishLine('__fish_use_subcommand', `-f -a ${name} -d '${plainText(summary)}'`);
  for (const [long, option] of Object.entries(command.options)) {
    const words = values(option);
    const short = option.short === undefined ? '' : ` -s ${option.short}`;
    const offers = words === undefined ? '-r -F' : `-x -a '${words.join(' ')}'`;
    const argument = option.value === undefined ? '' : ` ${offers}`;
    text += fishLine(here, `-l ${long}${short}${argument} -d '${plainText(option.describe)}'`);
  }
  for (const positional of command.positionals) {
    const words = values(positional);
    if (words !== undefined) text += fishLine(here, `-f -a '${words.join(' ')}'`);
  }
  return text;
};

const fish = (all: readonly Loaded[], values: ValuesOf): string =>
  `# fish completion for hvreplay\n${GLOBAL_OPTIONS.map(
    ([name, text]) => `complete -c hvreplay -l ${name.slice(2)} -d '${plainText(text)}'\n`,
  ).join('')}${all.map((one) => fishCommand(one, values)).join('')}`;

const WRITERS: Readonly<Record<Shell, (all: readonly Loaded[], values: ValuesOf) => string>> = { bash, zsh, fish };

/** A completion script made from the declarations of the commands. */
export const completionScript = async (
  shell: Shell,
  commands: readonly CommandEntry[],
  model: Model,
): Promise<string> => {
  const all = await Promise.all(
    commands.map(async ({ name, summary, load }) => ({ name, summary, command: await load() })),
  );
  return WRITERS[shell](all, valuesFrom(model));
};
