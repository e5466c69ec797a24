// SPDX-License-Identifier: GPL-2.0-only
import type { Option, Positional } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';

/** What several commands take, declared and read in one place. */

/** How help names a trace file. */
export const TRACE_FILE = 'trace file (.csv, .ndjson, .jsonl, .pb), or - for stdin';

export const ONE_TRACE: Positional = {
  name: 'trace',
  describe: TRACE_FILE,
  required: true,
  completes: 'trace',
};

/** Cases of the corpus. */
export const CORPUS_PATHS: Positional = {
  name: 'path',
  describe: 'traces, or folders of the corpus (default: traces/)',
  many: true,
  completes: 'trace',
};

export const ONE_RELEASE_OPTION: Option = {
  describe: 'release, guest, proposal, or RELEASE+PROPOSAL',
  value: 'NAME',
  short: 'r',
  default: 'the newest that applies',
  completes: 'release',
};

export const FORMATS = ['text', 'json'] as const;

export type Format = (typeof FORMATS)[number];

export const FORMAT_OPTION: Option = { describe: 'text or json', value: 'FORMAT', default: 'text', choices: FORMATS };

export const MACHINE_OPTION: Option = {
  describe: "use this machine instead of the trace's own",
  value: 'FILE',
  completes: 'file',
};

export const ALLOW_TRUNCATED_OPTION: Option = {
  describe: 'take what there is of a recording (.pb) that was cut off',
};

/** How a command says what is wrong with its command line, or with what that names. */
export const refuser =
  (command: string) =>
  (io: Io, message: string): ExitCode => {
    io.note(`hvreplay ${command}: ${message}\n`);
    return EXIT.wrongInput;
  };
