// SPDX-License-Identifier: GPL-2.0-only
import type { Args } from './args.ts';
import type { ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';

/** What a shell may offer as a value. */
export type Completes = 'trace' | 'file' | 'release' | readonly string[];

/** The only values that there are; anything else is refused. */
type Choices = readonly string[];

/** One option, declared once: parsing, help and completion derive from it. */
export interface Option {
  readonly describe: string;
  /** Name of the value in the help; absent: the option is a switch. */
  readonly value?: string;
  readonly repeatable?: true;
  readonly short?: string;
  readonly default?: string;
  readonly choices?: Choices;
  /** Without choices. */
  readonly completes?: Completes;
}

export interface Positional {
  readonly name: string;
  readonly describe: string;
  readonly required?: true;
  readonly many?: true;
  readonly choices?: Choices;
  /** Without choices. */
  readonly completes?: Completes;
}

/** A command of the command line. Heavy modules are imported in `run`, so that help stays fast. */
export interface Command {
  readonly positionals: readonly Positional[];
  readonly options: Readonly<Record<string, Option>>;
  /** Spellings of an option that stand for another one: `--hardware=all`. */
  readonly spellings?: Readonly<Record<string, string>>;
  /** Paragraphs below the options in the help. */
  readonly details: string;
  readonly examples: readonly (readonly [commandLine: string, does: string])[];
  run(args: Args, io: Io): Promise<ExitCode>;
}

/** A command before its file is loaded. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}
