// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textOf } from '../args.ts';
import type { Command, CommandEntry } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const run = async (commands: readonly CommandEntry[], args: Args, io: Io): Promise<ExitCode> => {
  const wanted = textOf(args, 'shell');
  const shell = SHELLS.find((name) => name === wanted);
  if (shell === undefined) {
    io.note(`hvreplay completion: '${wanted}': expected one of ${SHELLS.join(', ')}\n`);
    return EXIT.wrongInput;
  }
  const [{ completionScript }, { model }] = await Promise.all([
    import('../completion-script.ts'),
    import('../model.ts'),
  ]);
  await io.out(await completionScript(shell, commands, model));
  return EXIT.ok;
};

/** Given all commands, itself included. */
export const completionCommand = (commands: readonly CommandEntry[]): Command => ({
  positionals: [{ name: 'shell', describe: 'bash, zsh or fish', required: true, completes: SHELLS }],
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
