// SPDX-License-Identifier: GPL-2.0-only

import type { Declaration, Registry } from '../../engine/trace/operation.ts';
import { type Args, choiceOf, textsOf } from '../args.ts';
import { columns } from '../columns.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { FORMAT_OPTION, FORMATS, refuser } from '../shared-options.ts';
import { formatJson } from '../text.ts';

const refuse = refuser('ops');

const fieldsOf = (declaration: Declaration) =>
  Object.entries(declaration.fields).map(([name, { kind, optional, expected }]) => ({
    name,
    kind,
    optional,
    expected,
  }));

const page = (declaration: Declaration): string => {
  const fields = fieldsOf(declaration).map(({ name, expected, optional }) => [
    '',
    optional ? `[${name}]` : name,
    expected,
  ]);
  return `${declaration.name}\n  ${declaration.summary}\n  ${declaration.source}\n${columns(fields)}`;
};

/** The operations named, whole groups (`physdev`) too; all without a name. */
const select = (registry: Registry, names: readonly string[]): readonly Declaration[] =>
  [...registry.values()].filter(
    ({ name }) => names.length === 0 || names.some((wanted) => name === wanted || name.startsWith(`${wanted}.`)),
  );

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const format = choiceOf(args, 'format', FORMATS);
  const [{ model }, { didYouMean }] = await Promise.all([
    import('../model.ts'),
    import('../../engine/trace/nearest.ts'),
  ]);
  const names = textsOf(args, 'operation');
  for (const name of names)
    if (select(model.registry, [name]).length === 0)
      return refuse(io, `unknown operation '${name}'${didYouMean(name, model.registry.keys())}`);
  const chosen = select(model.registry, names);
  if (format === 'json') {
    const list = chosen.map((it) => ({ name: it.name, summary: it.summary, source: it.source, fields: fieldsOf(it) }));
    await io.out(formatJson(list));
  } else if (names.length > 0) await io.out(chosen.map(page).join('\n'));
  else
    await io.out(
      columns(chosen.map((it) => [it.name, it.summary])) +
        "\n'hvreplay ops NAME' shows the fields of an operation or a group.\n",
    );
  return EXIT.ok;
};

export const opsCommand: Command = {
  positionals: [
    {
      name: 'operation',
      describe: 'operations or groups, as physdev.pci_device_add or cfg (default: all)',
      many: true,
    },
  ],
  options: {
    format: FORMAT_OPTION,
  },
  details:
    'Fields in brackets may be left out. Every event may also have seq, time, ret and note: its number, when it was recorded (in ns), the recorded result, and a comment; they do not influence the outcome.',
  examples: [
    ['hvreplay ops', 'all operations, one a line'],
    ['hvreplay ops physdev', 'the fields of the physdev operations'],
  ],
  run,
};
