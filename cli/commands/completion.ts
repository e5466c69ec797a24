// SPDX-License-Identifier: GPL-2.0-only
import { type Args, choiceOf } from '../args.ts';
import type { Command, CommandEntry } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const run = async (commands: readonly CommandEntry[], args: Args, io: Io): Promise<ExitCode> => {
  const [{ completionScript }, { model }] = await Promise.all([
    import('../completion-script.ts'),
    import('../model.ts'),
  ]);
  await io.out(await completionScript(choiceOf(args, 'shell', SHELLS), commands, model));
  return EXIT.ok;
};

/** Given all commands, itself included. */
export const completionCommand = (commands: readonly CommandEntry[]): Command => ({
  positionals: [{ name: 'shell', describe: 'bash, zsh or fish', required: true, choices: SHELLS }],
  options: {},
  details:
    'The script knows the commands, options and releases of this version; make it anew after an update. Where it goes depends on the shell: see the examples.',
  examples: [
    ['source <(hvreplay completion bash)', 'this bash, or put that line into ~/.bashrc'],
    ['hvreplay completion zsh > ~/.zfunc/_hvreplay', 'zsh, if ~/.zfunc is in its fpath'],
    ['hvreplay completion fish > ~/.config/fish/completions/hvreplay.fish', 'fish'],
  ],
  run: (args, io) => run(commands, args, io),
});
