// SPDX-License-Identifier: GPL-2.0-only

import type { ShrinkSetup, Shrunk } from '../../engine/replay/shrink.ts';
import type { Kept } from '../../engine/replay/shrink-kept.ts';
import { type Args, flagOf, textOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { FORMAT_OPTION, MACHINE_OPTION, ONE_TRACE, refuser } from '../shared-options.ts';
import type { OpenedSubject } from '../subject.ts';
import { formatJson } from '../text.ts';

const DEFAULT_TRIALS = 100_000;
/** So many trials pass before the line on the terminal is renewed. */
const TRIALS_PER_LINE = 200;
const MS = 1000;

const refuse = refuser('shrink');

const trialsOf = (args: Args): number | { readonly wrong: string } => {
  const text = textOf(args, 'trials');
  if (text === undefined) return DEFAULT_TRIALS;
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : { wrong: `--trials ${text}: expected how many, from 1 on` };
};

const search = async (
  kept: Kept,
  description: unknown,
  maxTrials: number,
  io: Io,
): Promise<{ readonly shrunk: Shrunk; readonly perSecond: number }> => {
  const [{ shrink }, { modelMachineCompiler }, { model }] = await Promise.all([
    import('../../engine/replay/shrink.ts'),
    import('../../engine/state/load-machine.ts'),
    import('../model.ts'),
  ]);
  const onTrial: ShrinkSetup['onTrial'] = (trials, { events }) => {
    if (trials % TRIALS_PER_LINE === 0) io.progress(`${trials} trials, ${events.length} events left`);
  };
  const start = performance.now();
  const setup = { registry: model.registry, compile: modelMachineCompiler(), maxTrials, onTrial };
  const shrunk = shrink(kept, description, setup);
  const seconds = Math.max(1, performance.now() - start) / MS;
  io.progress('');
  return { shrunk, perSecond: Math.round(shrunk.trials / seconds) };
};

/** Writes all files into a folder; refused if one of them is there, unless it may be replaced. */
const writeFiles = async (
  folder: string,
  files: ReadonlyMap<string, string>,
  force: boolean,
): Promise<string | undefined> => {
  const [{ pathKind }, { writeAtomic }, { join }] = await Promise.all([
    import('../files.ts'),
    import('../write-files.ts'),
    import('node:path'),
  ]);
  const paths = [...files].map(([name, text]) => [join(folder, name), text] as const);
  const there = paths.map(([path]) => path).find((path) => pathKind(path) !== 'absent');
  if (there !== undefined && !force) return `${there}: is there already; expected another folder, or --force`;
  for (const [path, text] of paths) {
    const written = writeAtomic(path, text);
    if (!written.ok) return `${path}: ${written.message}`;
  }
  return undefined;
};

const shrinkOne = async (opened: OpenedSubject, args: Args, maxTrials: number, io: Io): Promise<ExitCode> => {
  const [{ askedOf }, { caseOf, readMachine }, { counted }, { notePartialStates }] = await Promise.all([
    import('../shrink-question.ts'),
    import('../shrink-report.ts'),
    import('../text.ts'),
    import('../partial-states.ts'),
  ]);
  const asked = await askedOf(opened, args);
  if (typeof asked === 'string') return refuse(io, asked);
  const { trace } = opened;
  notePartialStates('shrink', trace, asked.states, io);
  const description = readMachine(trace);
  if (!description.ok) return refuse(io, `${trace.machinePath}: ${description.message}`);
  const { shrunk, perSecond } = await search(asked.kept, description.value, maxTrials, io);
  const { files, report, finding } = caseOf(opened, asked, shrunk);
  const limit = shrunk.isSmallest
    ? ''
    : `; stopped at the limit of ${maxTrials}, it may not be the smallest (--trials)`;
  io.note(
    `${counted(trace.events.length, 'event')} to ${shrunk.events.length}; ` +
      `${counted(shrunk.trials, 'trial')}, ${perSecond} a second${limit}\n`,
  );
  const folder = textOf(args, 'out');
  if (folder !== undefined) {
    const wrong = await writeFiles(folder, files, flagOf(args, 'force'));
    return wrong === undefined ? EXIT.ok : refuse(io, wrong);
  }
  const { trials, isSmallest } = shrunk;
  const json = {
    trace: trace.path,
    events: shrunk.events.length,
    shows: finding.shows,
    trials,
    isSmallest,
    files: Object.fromEntries(files),
  };
  const isJson = textOf(args, 'format') === 'json';
  await io.out(isJson ? formatJson(json) : report);
  return EXIT.ok;
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const maxTrials = trialsOf(args);
  if (typeof maxTrials === 'object') return refuse(io, maxTrials.wrong);
  const { openSubject } = await import('../subject.ts');
  const opened = await openSubject(args, io);
  return opened.ok ? opened.guard(() => shrinkOne(opened, args, maxTrials, io)) : opened.exit;
};

export const shrinkCommand: Command = {
  positionals: [ONE_TRACE],
  options: {
    release: {
      describe: 'two: what they make differently of the trace is kept; one: what it answers',
      value: 'NAME',
      repeatable: true,
      short: 'r',
      default: 'the oldest and the newest that apply',
      completes: 'release',
    },
    with: {
      describe: 'keep what the release and itself with this proposal make differently of the trace',
      value: 'PROPOSAL',
      repeatable: true,
      completes: 'release',
    },
    event: {
      describe: 'keep the answer of the event with this number, or the difference in it; given again: of all of these',
      value: 'N',
      repeatable: true,
    },
    field: { describe: 'of two releases: keep a fact whose line in the golden text contains this', value: 'TEXT' },
    rule: { describe: 'keep that this rule decides something', value: 'ID' },
    recorded: { describe: 'keep a difference between what was recorded and what the release answers' },
    out: {
      describe: 'write trace, machine, golden files and report into this folder',
      value: 'FOLDER',
      completes: 'file',
    },
    force: { describe: 'replace what is in the folder' },
    trials: { describe: 'end the search after so many trials', value: 'N', default: String(DEFAULT_TRIALS) },
    format: FORMAT_OPTION,
    machine: MACHINE_OPTION,
  },
  details:
    'Leaves out events, devices, capabilities and every other part of trace and machine, and lowers numbers, as long as the difference stays the same one: of two releases, the same field differs because of the same listed changes; of one, the same operation answers the same by the same rules. Prints a report with trace and machine that can be posted as it is; --out writes the files.\n\n' +
    'With one release and nothing else, what is kept is the rule by which Xen leaves defined behaviour. The same trace gives the same result. A trial of a long trace counts once for every 1000 events.\n\n' +
    'Exit status: 0 the smallest trace was found, or the limit reached; 2 there is nothing to keep.',
  examples: [
    ['hvreplay shrink t.csv --release xen-4.19 --release xen-4.20', 'the smallest trace on which the two part'],
    ['hvreplay shrink t.csv --release xen-4.20 --event 12 --out small', 'the smallest one with the answer of event 12'],
    ['hvreplay shrink t.csv --release xen-4.20 --recorded', 'the smallest one that differs from its record'],
  ],
  run,
};
