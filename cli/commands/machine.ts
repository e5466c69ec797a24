// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const [{ formatProblem, makeSession }, { model }, { formatMachine }] = await Promise.all([
    import('../session.ts'),
    import('../model.ts'),
    import('../../engine/machine/write.ts'),
  ]);
  const loaded = makeSession(model).loadMachine(textOf(args, 'file') ?? '-');
  if (!loaded.ok) {
    for (const problem of loaded.problems) io.note(formatProblem(problem));
    return EXIT.wrongInput;
  }
  await io.out(formatMachine(loaded.value));
  return EXIT.ok;
};

export const machineCommand: Command = {
  positionals: [
    { name: 'file', describe: 'machine description (YAML), or - for stdin', required: true, completes: 'file' },
  ],
  options: {},
  details:
    'Prints the machine that a description compiles to: each device as the dwords of its config space with their write masks. The output is a machine file too.',
  examples: [['hvreplay machine traces/machines/sriov-nic.yaml', 'the registers behind a description']],
  run,
};
