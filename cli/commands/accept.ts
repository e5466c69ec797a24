// SPDX-License-Identifier: GPL-2.0-only
import type { Acceptance } from '../accept-corpus.ts';
import type { Doing, Group } from '../accept-groups.ts';
import { type Args, choiceOf, flagOf, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import type { Corpus, GoldenState } from '../corpus.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { CORPUS_PATHS, FORMAT_OPTION, FORMATS, type Format, refuser } from '../shared-options.ts';
import { counted, formatJson } from '../text.ts';

const refuse = refuser('accept');

/** `CI=true` is what CI systems set; `CI=false` and `CI=0` are said by people. */
const inCi = ({ env: { CI = '' } }: Io): boolean => !['', '0', 'false'].includes(CI.toLowerCase());

/** What the command line says about groups. */
interface Request {
  readonly format: Format;
  readonly dryRun: boolean;
  readonly isAsked: boolean;
  readonly only: readonly string[];
  readonly expected: readonly string[];
}

const requestOf = (args: Args): Request | string => {
  const format = choiceOf(args, 'format', FORMATS);
  const dryRun = flagOf(args, 'dry-run');
  const isAsked = flagOf(args, 'interactive');
  if (isAsked && dryRun) return '--interactive and --dry-run: expected one of them';
  return { format, dryRun, isAsked, only: textsOf(args, 'group'), expected: textsOf(args, 'expect') };
};

/** Shows one group after the other and asks. undefined: there is no terminal. */
const ask = async (groups: readonly Group[], io: Io): Promise<readonly Group[] | undefined> => {
  const terminal = await io.takeTerminal?.();
  if (terminal === undefined) return undefined;
  const { groupText } = await import('../accept-groups.ts');
  const taken: Group[] = [];
  try {
    for (const [index, group] of groups.entries()) {
      const { columns, rows } = terminal.size();
      const lines = groupText(group, 'would')
        .split('\n')
        .map((line) => line.slice(0, columns));
      const question = `${index + 1} of ${groups.length}: accept? y yes  n no  q no, and none of the rest`;
      terminal.show([...lines.slice(0, Math.max(1, rows - 2)), '', question]);
      let key = await terminal.key();
      while (!ANSWERS.includes(key.name)) key = await terminal.key();
      if (key.name === 'y') taken.push(group);
      else if (key.name !== 'n') break;
    }
  } finally {
    terminal.close();
  }
  return taken;
};

const ANSWERS = ['y', 'n', 'q', 'ctrl-c', 'closed'];

/** The groups to accept; a number: the exit status without any. */
const choose = async (groups: readonly Group[], request: Request, io: Io): Promise<readonly Group[] | ExitCode> => {
  const { isChosen, isTakenUnasked, namesNone } = await import('../accept-groups.ts');
  const { only, expected, isAsked } = request;
  const [unknown] = namesNone(groups, only);
  if (unknown !== undefined) return refuse(io, `--group ${unknown}: nothing changes for that reason`);
  for (const name of namesNone(groups, expected)) io.note(`--expect ${name}: nothing changes for that reason\n`);
  if (isAsked) {
    const taken = await ask(groups, io);
    return taken ?? refuse(io, '--interactive: stdin and stdout have to be a terminal; --group NAME accepts one group');
  }
  const chosen = groups.filter(
    (group) => isChosen(group, only) || ((only.length === 0 || expected.length > 0) && isTakenUnasked(group)),
  );
  const unexpected = groups.filter((group) => !group.isExpected && !isChosen(group, only));
  if (unexpected.length === 0) return chosen;
  io.note(
    `hvreplay accept: ${counted(unexpected.length, 'change')} that nobody expects: nothing was accepted; --group NAME accepts one all the same\n`,
  );
  return [];
};

const report = async (
  acceptance: Acceptance,
  { groups, taken }: { readonly groups: readonly Group[]; readonly taken: readonly Group[] },
  { format, dryRun }: Request,
): Promise<string> => {
  const { groupJson, groupText, summaryText } = await import('../accept-groups.ts');
  const done: Doing = dryRun ? 'would' : 'done';
  const doing = (group: Group): Doing => (taken.includes(group) ? done : 'left');
  const { cases, unchanged } = acceptance;
  if (format === 'json')
    return formatJson({ cases, unchanged, groups: groups.map((one) => groupJson(one, doing(one))) });
  const shown = taken.flatMap((group) => group.steps);
  const texts = groups.map((group) => `${groupText(group, doing(group))}\n`);
  return texts.join('') + summaryText(acceptance, shown, done);
};

const finish = async (
  acceptance: Acceptance,
  { corpus, before }: { readonly corpus: Corpus; readonly before: GoldenState },
  request: Request,
  io: Io,
): Promise<ExitCode> => {
  for (const { message } of acceptance.errors) io.note(message);
  for (const { path, message, orphan } of corpus.strays) if (!orphan) io.note(`${path}: ${message}\n`);
  if (acceptance.errors.some(({ defect }) => defect)) return EXIT.defect;
  if (acceptance.errors.length > 0) return refuse(io, 'nothing was accepted, because of the faults above');
  const { groupSteps } = await import('../accept-groups.ts');
  const groups = groupSteps(acceptance.steps, request.expected);
  const taken = await choose(groups, request, io);
  if (typeof taken === 'number') return taken;
  const { carryOut } = await import('../accept-write.ts');
  const steps = taken.flatMap((group) => group.steps);
  const refused = request.dryRun ? undefined : carryOut(steps, corpus.golden, before, io.self);
  if (refused !== undefined) return refuse(io, refused);
  await io.out(await report(acceptance, { groups, taken }, request));
  if (request.dryRun) return groups.length > 0 ? EXIT.differs : EXIT.ok;
  return taken.length === 0 && groups.length > 0 && !request.isAsked ? EXIT.differs : EXIT.ok;
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const request = requestOf(args);
  if (typeof request === 'string') return refuse(io, request);
  if (inCi(io) && !request.dryRun && !flagOf(args, 'force'))
    return refuse(io, 'CI is set: golden files are accepted by people; --force does it all the same');
  const { discover, goldenStateOf } = await import('../corpus.ts');
  const found = discover(textsOf(args, 'path'), textOf(args, 'filter'));
  if (!found.ok) return refuse(io, found.message);
  const before = goldenStateOf(found.corpus.golden, found.goldenTree);
  const [{ makeSession }, { model }, { chooseProposals }, { planCorpus }, { caseProgress }] = await Promise.all([
    import('../session.ts'),
    import('../model.ts'),
    import('../choices.ts'),
    import('../accept-corpus.ts'),
    import('../progress.ts'),
  ]);
  const chosen = chooseProposals(model, textsOf(args, 'proposal'));
  if (!chosen.ok) return refuse(io, chosen.message);
  const { corpus } = found;
  const orphans = corpus.strays.filter(({ orphan }) => orphan).length;
  if (corpus.cases.length === 0 && orphans === 0) return refuse(io, 'no case to accept');
  const progress = caseProgress(io, corpus.cases.length);
  const acceptance = planCorpus(makeSession(model), corpus, { add: chosen.choices }, progress);
  io.progress('');
  return finish(acceptance, { corpus, before }, request, io);
};

export const acceptCommand: Command = {
  positionals: [CORPUS_PATHS],
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
    group: {
      describe: 'accept only what changes for this reason: a rule, a behaviour, a kind of fact, or RULE:KIND as listed',
      value: 'NAME',
      repeatable: true,
    },
    expect: {
      describe: 'what is expected to change, named in the same way; anything else: nothing is accepted, exit status 1',
      value: 'NAME',
      repeatable: true,
    },
    interactive: { describe: 'ask for each reason, on a terminal', short: 'i' },
    format: FORMAT_OPTION,
    force: { describe: 'also where CI is set' },
  },
  details:
    'Replays the traces under all releases that apply and writes the golden files that differ, each in one step so that a run that is killed leaves no half-written file; files that became redundant or do not apply any more are removed; those that have no trace in the corpus are only with `--group orphaned`, since a test may hold it. What changed is grouped by the rule that now decides the first fact that differs, or by the listed change between two releases, and by the kind of that fact, each with an example: look through it, then commit the files with the change that caused them.\n\n' +
    'Nothing is written if a trace cannot be read or replayed, or if golden files have changed since they were compared. Golden files of proposals are renewed where they exist.',
  examples: [
    ['hvreplay accept --dry-run', 'what would change'],
    ['hvreplay accept traces/sriov/vf-before-pf.csv', 'one case'],
    ['hvreplay accept --expect remove.pf-has-vfs', 'all, if nothing else has changed'],
    ['hvreplay accept --group remove.pf-has-vfs:device-flags', 'only what changes for one reason'],
    ['hvreplay accept --proposal pfvf-v6 traces/sriov', 'record what a proposal answers'],
  ],
  run,
};
