// SPDX-License-Identifier: GPL-2.0-only
import type { Acceptance, Step } from '../accept-corpus.ts';
import { type Args, flagOf, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import type { Corpus } from '../corpus.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { refuser } from '../shared-options.ts';

const refuse = refuser('accept');

/** `CI=true` is what CI systems set; `CI=false` and `CI=0` are said by people. */
const inCi = ({ env: { CI = '' } }: Io): boolean => !['', '0', 'false'].includes(CI.toLowerCase());

const listing = (steps: readonly Step[], dryRun: boolean): string => {
  let text = '';
  for (const cause of new Set(steps.map((step) => step.cause))) {
    const members = steps.filter((step) => step.cause === cause);
    text += `${cause}:\n`;
    const example = members.find((step) => step.example !== undefined)?.example;
    if (example !== undefined) text += `  for example ${example}\n`;
    for (const { path, text: content } of members) {
      const does = content === undefined ? ['would remove', 'removed'] : ['would write', 'wrote'];
      text += `  ${dryRun ? does[0] : does[1]} ${path}\n`;
    }
  }
  return text;
};

const summary = (acceptance: Acceptance, dryRun: boolean): string => {
  const written = acceptance.steps.filter(({ text }) => text !== undefined).length;
  const removed = acceptance.steps.length - written;
  return `${acceptance.cases} cases: ${dryRun ? 'would write' : 'wrote'} ${written} files, ${
    dryRun ? 'would remove' : 'removed'
  } ${removed}; ${acceptance.unchanged} cases stay as they are\n`;
};

/** Carries the steps out; answers the first that the system refused. */
const carryOut = async (steps: readonly Step[], corpus: Corpus): Promise<string | undefined> => {
  const { removeFile, writeAtomic } = await import('../files.ts');
  for (const { path, text } of steps) {
    const done = text === undefined ? removeFile(path, corpus.golden) : writeAtomic(path, text);
    if (!done.ok) return `${path}: ${done.message}`;
  }
  return undefined;
};

const finish = async (acceptance: Acceptance, corpus: Corpus, dryRun: boolean, io: Io): Promise<ExitCode> => {
  for (const { message } of acceptance.errors) io.note(message);
  for (const { path, message, orphan } of corpus.strays) if (!orphan) io.note(`${path}: ${message}\n`);
  if (acceptance.errors.some(({ defect }) => defect)) return EXIT.defect;
  if (acceptance.errors.length > 0) return refuse(io, 'nothing was accepted, because of the faults above');
  if (!dryRun) {
    const refused = await carryOut(acceptance.steps, corpus);
    if (refused !== undefined) return refuse(io, refused);
  }
  await io.out(listing(acceptance.steps, dryRun) + summary(acceptance, dryRun));
  return dryRun && acceptance.steps.length > 0 ? EXIT.differs : EXIT.ok;
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const dryRun = flagOf(args, 'dry-run');
  if (inCi(io) && !dryRun && !flagOf(args, 'force'))
    return refuse(io, 'CI is set: golden files are accepted by people; --force does it all the same');
  const { discover } = await import('../corpus.ts');
  const found = discover(textsOf(args, 'path'), textOf(args, 'filter'));
  if (!found.ok) return refuse(io, found.message);
  const [{ makeSession }, { model }, { chooseProposals }, { planCorpus }] = await Promise.all([
    import('../session.ts'),
    import('../model.ts'),
    import('../choices.ts'),
    import('../accept-corpus.ts'),
  ]);
  const chosen = chooseProposals(model, textsOf(args, 'proposal'));
  if (!chosen.ok) return refuse(io, chosen.message);
  const { corpus } = found;
  const orphans = corpus.strays.filter(({ orphan }) => orphan).length;
  if (corpus.cases.length === 0 && orphans === 0) return refuse(io, 'no case to accept');
  const total = corpus.cases.length;
  const acceptance = planCorpus(makeSession(model), corpus, { add: chosen.choices }, (done) => {
    if (done % 16 === 0) io.progress(`${done} of ${total} cases`);
  });
  io.progress('');
  return finish(acceptance, corpus, dryRun, io);
};

export const acceptCommand: Command = {
  positionals: [
    { name: 'path', describe: 'traces, or folders of the corpus (default: traces/)', many: true, completes: 'trace' },
  ],
  options: {
    'dry-run': {
      describe: 'only list what would be written and removed; exit status 1 if there is anything',
      short: 'n',
    },
    filter: { describe: 'only cases whose <subject>/<case> contains this text', value: 'TEXT', short: 'f' },
    proposal: {
      describe: 'give the cases a golden file for this proposal too',
      value: 'NAME',
      repeatable: true,
      completes: 'release',
    },
    force: { describe: 'also where CI is set' },
  },
  details:
    'Replays the traces under all releases that apply and writes the golden files that differ, each in one step so that an interrupted run leaves no half-written file; files that became redundant, do not apply any more or lost their trace are removed. What changed is listed by its kind: look through it, then commit the files with the change that caused them.\n\n' +
    'Nothing is written if a trace cannot be read or replayed. Golden files of proposals are renewed where they exist.',
  examples: [
    ['hvreplay accept --dry-run', 'what would change'],
    ['hvreplay accept traces/sriov/vf-before-pf.csv', 'one case'],
    ['hvreplay accept --proposal pfvf-v6 traces/sriov', 'record what a proposal answers'],
  ],
  run,
};
