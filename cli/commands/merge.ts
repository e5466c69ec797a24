// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { chooseReporters, REPORTER_OPTION } from '../reporters/choose.ts';
import { refuser } from '../shared-options.ts';

const refuse = refuser('merge');

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const reporters = await chooseReporters(textsOf(args, 'reporter'));
  if (!reporters.ok) return refuse(io, reporters.message);
  const [{ mergeReports }, { conclude }] = await Promise.all([import('../merge-reports.ts'), import('../deliver.ts')]);
  const merged = mergeReports(textsOf(args, 'report'));
  if (!merged.ok) return refuse(io, merged.message);
  return conclude(merged.value, reporters.targets, io, refuse);
};

export const mergeCommand: Command = {
  positionals: [
    {
      name: 'report',
      describe: 'JSON reports of all shards of one run',
      required: true,
      many: true,
      completes: 'file',
    },
  ],
  options: { reporter: REPORTER_OPTION },
  details:
    'The report is, byte for byte, that of the run without shards, and so is the exit status. Refuses (exit status 2) if a shard is missing or there twice, if the reports are of different runs (another corpus, selection, number of shards or version), or if one cannot be read.',
  examples: [
    ['hvreplay merge shard-*.json', 'what all shards found, for people'],
    ['hvreplay merge shard-*.json --reporter junit=report.xml --reporter pretty', 'and for the CI'],
  ],
  run,
};
