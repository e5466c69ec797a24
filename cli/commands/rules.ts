// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';

const refuse = (io: Io, message: string): ExitCode => {
  io.note(`hvreplay rules: ${message}\n`);
  return EXIT.wrongInput;
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const format = textOf(args, 'format') ?? 'text';
  if (format !== 'text' && format !== 'json') return refuse(io, `--format ${format}: expected text or json`);
  const [{ rules }, { didYouMean }] = await Promise.all([
    import('../model.ts'),
    import('../../engine/trace/nearest.ts'),
  ]);
  const names = textsOf(args, 'rule');
  for (const name of names)
    if (!rules.has(name)) return refuse(io, `unknown rule '${name}'${didYouMean(name, rules.keys())}`);
  const chosen = [...rules].filter(([name]) => names.length === 0 || names.includes(name));
  const text =
    format === 'json'
      ? `${JSON.stringify(Object.fromEntries(chosen), undefined, 2)}\n`
      : chosen.map(([name, { says, xen }]) => `${name}\n  ${says}\n  ${xen}\n`).join('\n');
  await io.out(text);
  return EXIT.ok;
};

export const rulesCommand: Command = {
  positionals: [{ name: 'rule', describe: 'only these rules; default: all', many: true }],
  options: {
    format: { describe: 'text or json', value: 'FORMAT', default: 'text', completes: ['text', 'json'] },
  },
  details:
    'A rule is a sentence about what Xen does, with the file and function in Xen that does it. Outcomes name the rule that they follow.',
  examples: [['hvreplay rules', 'all rules']],
  run,
};
