// SPDX-License-Identifier: GPL-2.0-only
import { type Args, flagOf, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import type { Case, Corpus } from '../corpus.ts';
import type { Costed } from '../distribute.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { chooseReporters, REPORTER_OPTION, type Target } from '../reporters/choose.ts';
import type { CaseReport, Report } from '../reporters/report-schema.ts';
import type { Review } from '../review.ts';
import type { Choice } from '../session.ts';
import { readShard } from '../shard.ts';
import { CORPUS_PATHS, refuser } from '../shared-options.ts';
import { todayOf } from '../today.ts';

const MAX_JOBS = 256;

const refuse = refuser('check');

/** What a command line asks for, read and looked up. */
interface Request {
  readonly targets: readonly Target[];
  /** What each event did is wanted too. */
  readonly timelines: boolean;
  /** The part of the corpus that is this run's. */
  readonly corpus: Corpus;
  /** Its cases, the most expensive first. */
  byCost(): readonly Case[];
  readonly shard: Report['shard'];
  readonly only: readonly Choice[] | undefined;
  /** undefined: no worker processes. */
  readonly jobs: number | undefined;
}

const readJobs = (text: string | undefined): number | string | undefined => {
  if (text === undefined) return undefined;
  const jobs = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return jobs >= 1 && jobs <= MAX_JOBS ? jobs : `--jobs ${text}: expected a number of processes, 1 to ${MAX_JOBS}`;
};

/** Releases that `--release` names; undefined: all that apply to a case. */
const readReleases = async (args: Args): Promise<readonly Choice[] | undefined | string> => {
  const [{ ALL, chooseReleases }, { model }] = await Promise.all([import('../choices.ts'), import('../model.ts')]);
  const names = textsOf(args, 'release');
  const chosen = chooseReleases(
    model,
    names.filter((name) => name !== ALL),
  );
  if (!chosen.ok) return chosen.message;
  return names.length === 0 || names.includes(ALL) ? undefined : chosen.choices;
};

const takePart = async (
  args: Args,
  io: Io,
  whole: Corpus,
  only: readonly Choice[] | undefined,
): Promise<Pick<Request, 'corpus' | 'byCost' | 'shard'> | string> => {
  const [{ costCases, distribute, partOf, planDigest }, { readReport }] = await Promise.all([
    import('../distribute.ts'),
    import('../merge-reports.ts'),
  ]);
  const file = textOf(args, 'costs');
  const earlier = file === undefined ? undefined : readReport(file);
  if (earlier !== undefined && !earlier.ok) return earlier.message;
  const costed = (): Costed => costCases(whole.cases, earlier?.value);
  const casesOf = (costs: Costed): readonly Case[] => costs.map(({ it }) => it);
  const text = textOf(args, 'shard');
  if (text === undefined) return { corpus: whole, byCost: () => casesOf(costed()), shard: undefined };
  const asked = readShard(text, io.env);
  if (!asked.ok) return asked.message;
  if (whole.cases.length === 0) return 'no case to check; nothing was compared';
  const costs = costed();
  const parts = distribute(costs, asked.shard.count);
  const plan = planDigest(
    whole,
    parts,
    only?.map(({ name }) => name),
  );
  if (!plan.ok) return plan.message;
  const corpus = partOf(whole, parts, asked.shard);
  const own = new Set(corpus.cases);
  const byCost = (): readonly Case[] => casesOf(costs).filter((it) => own.has(it));
  return { corpus, byCost, shard: { ...asked.shard, plan: plan.value } };
};

const readRequest = async (args: Args, io: Io): Promise<Request | string> => {
  const { discover } = await import('../corpus.ts');
  const reporters = await chooseReporters(textsOf(args, 'reporter'));
  if (!reporters.ok) return reporters.message;
  const jobs = readJobs(textOf(args, 'jobs'));
  if (typeof jobs === 'string') return jobs;
  const filter = textOf(args, 'filter');
  const found = discover(textsOf(args, 'path'), filter);
  if (!found.ok) return found.message;
  if (filter !== undefined && found.corpus.cases.length === 0)
    return `--filter ${filter}: no case has that in its name, <subject>/<case>; nothing was compared`;
  const only = await readReleases(args);
  if (typeof only === 'string') return only;
  const part = await takePart(args, io, found.corpus, only);
  return typeof part === 'string' ? part : { ...reporters, jobs, only, ...part };
};

/** The corpus' list of expectations; undefined: it has none. */
const readReview = async (
  { corpus, only }: Pick<Request, 'corpus' | 'only'>,
  io: Io,
): Promise<Review | undefined | string> => {
  const [{ loadReview }, { model }] = await Promise.all([import('../review.ts'), import('../model.ts')]);
  const names = only?.map(({ name }) => name);
  const review = loadReview(corpus, names, todayOf(io), model);
  return review.ok ? review.value : review.message;
};

const checkAll = async ({ corpus, byCost, only, jobs, timelines }: Request, io: Io): Promise<readonly CaseReport[]> => {
  const { caseProgress } = await import('../progress.ts');
  const progress = caseProgress(io, corpus.cases.length);
  if (jobs !== undefined) {
    const { checkInWorkers } = await import('../check-pool.ts');
    return checkInWorkers(corpus, byCost(), {
      ...(only === undefined ? {} : { only: only.map(({ name }) => name) }),
      ...{ jobs, timelines, progress, env: io.env },
    });
  }
  const [{ makeSession }, { model }, { checkCases }, { optimizeLate }] = await Promise.all([
    import('../session.ts'),
    import('../model.ts'),
    import('../check-corpus.ts'),
    import('../late-optimization.ts'),
  ]);
  optimizeLate();
  return checkCases(makeSession(model), corpus, { ...(only === undefined ? {} : { only }), timelines }, progress);
};

/** Options that say what else becomes of one report. */
const NOT_WITH_WATCH = ['reporter', 'jobs', 'shard', 'costs'];

const watch = async (args: Args, io: Io): Promise<ExitCode> => {
  const extra = NOT_WITH_WATCH.find((name) => textsOf(args, name).length > 0);
  if (extra !== undefined) return refuse(io, `--${extra} does not go with --watch`);
  const [{ discover }, only] = await Promise.all([import('../corpus.ts'), readReleases(args)]);
  if (typeof only === 'string') return refuse(io, only);
  const [paths, filter] = [textsOf(args, 'path'), textOf(args, 'filter')];
  const found = discover(paths, filter);
  if (!found.ok) return refuse(io, found.message);
  const { watchCorpus } = await import('../watch-corpus.ts');
  return watchCorpus([found.corpus.traces, found.corpus.golden], paths, filter, only, io);
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  if (flagOf(args, 'watch')) return watch(args, io);
  const request = await readRequest(args, io);
  if (typeof request === 'string') return refuse(io, request);
  const review = await readReview(request, io);
  if (typeof review === 'string') return refuse(io, review);
  const checked = await checkAll(request, io);
  io.progress('');
  const [{ reportOn }, { conclude }] = await Promise.all([import('../check-corpus.ts'), import('../deliver.ts')]);
  return conclude(reportOn(request.corpus, checked, review, request.shard), request.targets, io, refuse);
};

export const checkCommand: Command = {
  positionals: [CORPUS_PATHS],
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
    reporter: REPORTER_OPTION,
    jobs: {
      describe: 'replay in N worker processes; a case that takes its process down is lost alone',
      value: 'N',
      short: 'j',
      default: 'none, in one process',
    },
    shard: {
      describe: 'only the i-th of n parts of equal cost, or auto: as the variables of the CI say',
      value: 'i/n',
    },
    costs: {
      describe: 'balance by what the cases cost according to this JSON report',
      value: 'FILE',
      default: 'by the size of the traces',
      completes: 'file',
    },
    watch: {
      describe:
        'go on, and check again what a change of a trace, a machine or a golden file concerns; without --reporter, --jobs, --shard and --costs',
      short: 'w',
    },
  },
  details:
    "The corpus is the folder named 'traces' that holds the paths: traces/<subject>/<case>.csv, machines in traces/machines/. Golden files are beside it in golden/<subject>/<case>/<release>.txt. A file exists only where the outcome differs from the release before; a release without one has the outcome of the last that has.\n\n" +
    "A trace's directive '# releases: xen-4.19.., pfvf-v6' limits the releases that apply to it and adds proposals; '# golden: hardware' puts config space writes into its golden files.\n\n" +
    'Fails on golden files that differ, are missing, stale, redundant or orphaned, on files that belong to no case, and if there is nothing to compare. A defect in one case does not stop the others.\n\n' +
    '--shard auto reads CI_NODE_INDEX and CI_NODE_TOTAL (GitLab), BUILDKITE_PARALLEL_JOB and _COUNT, or JOB_COMPLETION_INDEX and HVREPLAY_SHARDS (Kubernetes). Each shard writes a JSON report; hvreplay merge makes the report of the whole run of them.\n\n' +
    'Exit status: 0 every case agrees or is expected to differ, 1 something fails, 2 a file or the command line is wrong, 3 a case found a defect of hvreplay.',
  examples: [
    ['hvreplay check', 'the whole corpus under all releases'],
    ['hvreplay check traces/sriov --release xen-4.20', 'one subject under one release'],
    ['hvreplay check --reporter pretty --reporter json=report.json', 'for people and for a CI job'],
    ['hvreplay check --watch traces/sriov', 'while writing traces'],
    ['hvreplay check --shard 2/4 --reporter json=shard-2.json', 'a quarter of the corpus, for hvreplay merge'],
  ],
  run,
};
