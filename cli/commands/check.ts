// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { chooseReporters, REPORTER_NAMES, type Target } from '../reporters/choose.ts';
import type { Report } from '../reporters/report-schema.ts';
import { refuser } from '../shared-options.ts';

const PROGRESS_EVERY = 16;

const refuse = refuser('check');

/** Writes what each reporter says; answers what could not be written. */
const deliver = async (report: Report, targets: readonly Target[], io: Io): Promise<string | undefined> => {
  const { writeAtomic } = await import('../files.ts');
  for (const { reporter, file } of targets) {
    if (file === undefined) {
      await io.out(reporter(report, io.colour));
      continue;
    }
    const written = writeAtomic(file, reporter(report, false));
    if (!written.ok) return `${file}: ${written.message}`;
  }
  return undefined;
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const { discover } = await import('../corpus.ts');
  const reporters = await chooseReporters(textsOf(args, 'reporter'));
  if (!reporters.ok) return refuse(io, reporters.message);
  const found = discover(textsOf(args, 'path'), textOf(args, 'filter'));
  if (!found.ok) return refuse(io, found.message);
  const [{ makeSession }, { model }, { ALL, chooseReleases }, { checkCorpus }, { exitCodeOf }] = await Promise.all([
    import('../session.ts'),
    import('../model.ts'),
    import('../choices.ts'),
    import('../check-corpus.ts'),
    import('../reporters/report.ts'),
  ]);
  const names = textsOf(args, 'release');
  const chosen = chooseReleases(
    model,
    names.filter((name) => name !== ALL),
  );
  if (!chosen.ok) return refuse(io, chosen.message);
  const only = names.length === 0 || names.includes(ALL) ? undefined : chosen.choices;
  const total = found.corpus.cases.length;
  const report = checkCorpus(makeSession(model), found.corpus, only === undefined ? {} : { only }, (done) => {
    if (done % PROGRESS_EVERY === 0) io.progress(`${done} of ${total} cases`);
  });
  io.progress('');
  const undelivered = await deliver(report, reporters.targets, io);
  if (undelivered !== undefined) return refuse(io, undelivered);
  if (report.summary.cases === 0) return refuse(io, 'no case to check; nothing was compared');
  return exitCodeOf(report);
};

export const checkCommand: Command = {
  positionals: [
    {
      name: 'path',
      describe: 'traces, or folders of the corpus (default: traces/)',
      many: true,
      completes: 'trace',
    },
  ],
  options: {
    release: {
      describe: 'compare only this release or proposal, or all',
      value: 'NAME',
      repeatable: true,
      short: 'r',
      default: 'all',
      completes: 'release',
    },
    filter: { describe: 'only cases whose <subject>/<case> contains this text', value: 'TEXT', short: 'f' },
    reporter: {
      describe: `${REPORTER_NAMES.join(', ')}; =FILE writes to a file, and several may be given`,
      value: 'NAME[=FILE]',
      repeatable: true,
      default: 'pretty',
      completes: REPORTER_NAMES,
    },
  },
  details:
    "The corpus is the folder named 'traces' that holds the paths: traces/<subject>/<case>.csv, machines in traces/machines/. Golden files are beside it in golden/<subject>/<case>/<release>.txt. A file exists only where the outcome differs from the release before; a release without one has the outcome of the last that has.\n\n" +
    "A trace's directive '# releases: xen-4.19.., pfvf-v6' limits the releases that apply to it and adds proposals; '# golden: hardware' puts config space writes into its golden files.\n\n" +
    'Fails on golden files that differ, are missing, stale, redundant or orphaned, on files that belong to no case, and if there is nothing to compare. A defect in one case does not stop the others.',
  examples: [
    ['hvreplay check', 'the whole corpus under all releases'],
    ['hvreplay check traces/sriov --release xen-4.20', 'one subject under one release'],
    ['hvreplay check --reporter pretty --reporter json=report.json', 'for people and for a CI job'],
  ],
  run,
};
