// SPDX-License-Identifier: GPL-2.0-only
import type { KnownDivergence } from '../../engine/replay/known.ts';
import { type Args, flagOf, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { fault } from '../input-problem.ts';
import type { Io } from '../io.ts';
import type { Choice, Loaded, LoadedTrace, Session } from '../session.ts';
import { ALLOW_TRUNCATED_OPTION, MACHINE_OPTION, refuser } from '../shared-options.ts';
import { todayOf } from '../today.ts';

const MAX_KNOWN_BYTES = 2 ** 20;

const refuse = refuser('conform');

/** The list beside `t.csv` is `t.known.yaml`. */
const knownPath = (trace: string): string => trace.replace(/(?:\.[^./\\]+)?$/, '.known.yaml');

const loadKnown = async (trace: string, asked: string | undefined): Promise<Loaded<readonly KnownDivergence[]>> => {
  const [{ IS_NO_FILE, pathKind, readText }, { readKnown }] = await Promise.all([
    import('../files.ts'),
    import('../../engine/replay/known.ts'),
  ]);
  const file = asked ?? knownPath(trace);
  const kind = asked === undefined ? pathKind(file) : 'file';
  if (asked === undefined && (trace === '-' || kind === 'absent')) return { ok: true, value: [] };
  const text = kind === 'other' ? { ok: false as const, message: IS_NO_FILE } : readText(file, MAX_KNOWN_BYTES);
  if (!text.ok) return fault(file, text.message);
  const known = readKnown(text.value);
  return known.ok ? known : { ok: false, problems: known.problems.map((problem) => ({ ...problem, file })) };
};

/** What a trace is to be held against: `--release`, or else what its directive `# recorded-on:` names. */
const releaseOf = async (session: Session, trace: LoadedTrace, asked: string | undefined): Promise<Choice | string> => {
  const { chooseStates } = await import('../choices.ts');
  const { 'recorded-on': recordedOn } = trace.header.directives;
  const name = asked ?? recordedOn;
  if (name === undefined)
    return `${trace.path}: does not say what it was recorded on; expected --release NAME, or a line '# recorded-on: NAME'`;
  const chosen = chooseStates(session.model, [name]);
  return chosen.ok ? (chosen.choices[0] ?? `unknown release '${name}'`) : chosen.message;
};

/** The trace of a folder that import wrote, if there is one; another path as it is. */
const traceIn = async (path: string): Promise<string | undefined> => {
  const [{ pathKind }, { TRACE_EXTENSIONS }] = await Promise.all([import('../files.ts'), import('../trace-format.ts')]);
  if (path === '-' || pathKind(path) !== 'folder') return path;
  const traces = TRACE_EXTENSIONS.map((extension) => `${path}/trace.${extension}`);
  return traces.find((trace) => pathKind(trace) === 'file');
};

interface Job {
  readonly trace: LoadedTrace;
  readonly choice: Choice;
  readonly known: readonly KnownDivergence[];
}

/** Prints what comes out for one trace; throws what the replay throws. */
const conformOne = async ({ trace, choice, known }: Job, args: Args, io: Io): Promise<ExitCode> => {
  const [{ conform, contextOf }, { explainFindings }, { EVENTS_BEFORE, formatConformance }, { model, rules }] =
    await Promise.all([
      import('../../engine/replay/conform.ts'),
      import('../../engine/replay/known.ts'),
      import('../conform-text.ts'),
      import('../model.ts'),
    ]);
  const { machine, events } = trace;
  const replay: Parameters<typeof conform>[0] = (given, trail) =>
    choice.replay({ machine, logging: 'reads-and-writes', ...(trail === undefined ? {} : { trail }) }, given);
  const conformance = conform(replay, events, machine.devices);
  const explained = explainFindings(conformance.findings, known, choice.name, todayOf(io));
  const all = flagOf(args, 'all');
  const [first] = explained.unexplained;
  const context =
    first === undefined || all
      ? undefined
      : contextOf(replay, events, conformance.lessons, first.event.seq, EVENTS_BEFORE);
  const report = { trace: trace.path, release: choice.name, length: events.length, conformance, explained, context };
  io.progress('');
  await io.out(formatConformance(report, all, model.registry, rules));
  const { unexplained, gone, expired } = explained;
  if (unexplained.length + gone.length + expired.length > 0) return EXIT.differs;
  if (conformance.compared.size > 0) return EXIT.ok;
  return refuse(io, `${trace.path}: records no result and no read value; nothing was compared`);
};

const plan = async (args: Args, io: Io): Promise<{ readonly jobs: readonly Job[]; readonly faults: boolean }> => {
  const [{ formatProblem, makeSession }, { model }] = await Promise.all([
    import('../session.ts'),
    import('../model.ts'),
  ]);
  const session = makeSession(model);
  const jobs: Job[] = [];
  const faults = new Set<string>();
  for (const given of textsOf(args, 'trace')) {
    const path = await traceIn(given);
    if (path === undefined) {
      faults.add(`${given}: has no trace.csv, .jsonl or .pb; import writes none where no source tells accesses\n`);
      continue;
    }
    const loaded = session.loadTrace(path, textOf(args, 'machine'), {
      allowTruncated: flagOf(args, 'allow-truncated'),
    });
    const known = await loadKnown(path, textOf(args, 'known'));
    for (const result of [loaded, known])
      if (!result.ok) for (const problem of result.problems) faults.add(formatProblem(problem));
    if (!loaded.ok || !known.ok) continue;
    const choice = await releaseOf(session, loaded.value, textOf(args, 'release'));
    if (typeof choice === 'string') faults.add(`hvreplay conform: ${choice}\n`);
    else jobs.push({ trace: loaded.value, choice, known: known.value });
  }
  for (const line of faults) io.note(line);
  return { jobs, faults: faults.size > 0 };
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const { jobs, faults } = await plan(args, io);
  const { model } = await import('../model.ts');
  let exit: ExitCode = faults ? EXIT.wrongInput : EXIT.ok;
  const raise = (code: ExitCode): void => {
    if (code > exit) exit = code;
  };
  for (const job of jobs) {
    if (io.outClosed()) return exit;
    io.progress(job.trace.path);
    try {
      raise(await conformOne(job, args, io));
    } catch (error) {
      const { replayFault } = await import('../trace-fault.ts');
      const fault = replayFault(model, job.trace, error);
      if (fault === undefined) throw error;
      io.note(fault);
      raise(EXIT.wrongInput);
    }
  }
  io.progress('');
  return exit;
};

export const conformCommand: Command = {
  positionals: [
    {
      name: 'trace',
      describe: 'recorded traces (.csv, .ndjson, .jsonl, .pb), folders that import wrote, or - for stdin',
      required: true,
      many: true,
      completes: 'trace',
    },
  ],
  options: {
    release: {
      describe: 'what the traces were recorded on',
      value: 'NAME',
      short: 'r',
      default: "the trace's directive recorded-on",
      completes: 'release',
    },
    all: { describe: 'list every divergence, and every value learned, by cause' },
    known: {
      describe: 'list of known divergences',
      value: 'FILE',
      default: '<trace>.known.yaml, if it is there',
      completes: 'file',
    },
    machine: MACHINE_OPTION,
    'allow-truncated': ALLOW_TRUNCATED_OPTION,
  },
  details:
    'Compares what the traces hold: the result (ret) of every event, the value of every read, where accesses to memory went (via), ranges mapped (expect.map, expect.unmap) and writes to hardware (expect.hw_write). A value that came straight from hardware, byte for byte, and differs is not a divergence: the hardware is set to the recorded one and the replay goes on (counted as learned). Everything else that differs is one. The first is shown with the ten events before it, the rules that decided, and the state of its device.\n\n' +
    'A list beside the trace, t.known.yaml for t.csv, may explain divergences: known: [{ seq: 12, what: ret | value | via | map | hw | end, reason: …, until: YYYY-MM-DD, release: … }]. An entry that does not occur any more, or is past its day, fails. SOURCE_DATE_EPOCH stands in for today.\n\n' +
    'Exit status: 0 nothing diverges that is not explained, 1 something does, 2 there is nothing to compare.',
  examples: [
    ['hvreplay conform --release xen-4.20 traces/recorded/*.csv', 'whether the model answers as the real system did'],
    ['hvreplay conform --release xen-unstable --all t.csv', 'what is different on another release, by cause'],
  ],
  run,
};
