// SPDX-License-Identifier: GPL-2.0-only
import type { ResultLine } from '../../engine/state/result.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';
import { type Args, choiceOf, flagOf, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import type { EventFeed } from '../event-feed.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { CHUNK_LENGTH, type Io } from '../io.ts';
import type { HardwareDetail } from '../outcome.ts';
import type { Choice, OpenTrace, Session } from '../session.ts';
import {
  ALLOW_TRUNCATED_OPTION,
  FORMAT_OPTION,
  FORMATS,
  type Format,
  MACHINE_OPTION,
  refuser,
} from '../shared-options.ts';

interface Request {
  readonly format: Format;
  readonly hardware: HardwareDetail;
  readonly until: number | undefined;
}

const requestOf = (args: Args): Request | string => {
  const format = choiceOf(args, 'format', FORMATS);
  const until = textOf(args, 'until');
  if (until !== undefined && !/^\d{1,15}$/.test(until)) return `--until ${until}: expected the number of an event`;
  const hardware = flagOf(args, 'hardware-reads') ? 'all' : flagOf(args, 'hardware') ? 'writes' : 'none';
  return { format, hardware, until: until === undefined ? undefined : Number(until) };
};

const noSuchEvent = (path: string, until: number, last: TraceEvent | undefined): string =>
  `${path}: has no event ${until}; its last one is ${last?.seq ?? 'not there'}\n`;

const refuse = refuser('replay');

/** The traces that can be replayed. Faults of the others are reported; a trace with a fault is not replayed at all. */
const loadAll = async (
  session: Session,
  args: Args,
  request: Request,
  io: Io,
): Promise<{ readonly traces: readonly OpenTrace[]; readonly hasFaults: boolean }> => {
  const [{ formatProblem }, { progressBar }, { applicableTo }] = await Promise.all([
    import('../session.ts'),
    import('../progress.ts'),
    import('../applicable.ts'),
  ]);
  const traces: OpenTrace[] = [];
  const reported = new Set<string>();
  for (const path of textsOf(args, 'trace')) {
    const loaded = session.openTrace(path, textOf(args, 'machine'), {
      allowTruncated: flagOf(args, 'allow-truncated'),
      onProgress: progressBar(io, path),
    });
    const { until } = request;
    if (loaded.ok) {
      const { whole } = loaded.value;
      const applicable = applicableTo(session.model, loaded.value);
      if (!applicable.ok) for (const problem of applicable.problems) reported.add(formatProblem(problem));
      else if (until !== undefined && whole?.some(({ seq }) => seq === until) === false)
        reported.add(noSuchEvent(path, until, whole.at(-1)));
      else traces.push(loaded.value);
    } else for (const problem of loaded.problems) reported.add(formatProblem(problem));
  }
  for (const line of reported) io.note(line);
  return { traces, hasFaults: reported.size > 0 };
};

/** A trace with what it is to be replayed under. */
interface Job {
  readonly trace: OpenTrace;
  readonly choices: readonly Choice[];
}

/** Without `--release` the newest that the trace is meant for; `all` are all that it is meant for. */
const plan = async (session: Session, traces: readonly OpenTrace[], args: Args): Promise<readonly Job[] | string> => {
  const [{ applicableTo }, { ALL, addProposals, chooseStates }] = await Promise.all([
    import('../applicable.ts'),
    import('../choices.ts'),
  ]);
  const { model } = session;
  const names = textsOf(args, 'release');
  const named = chooseStates(
    model,
    names.filter((name) => name !== ALL),
  );
  if (!named.ok) return named.message;
  const jobs: Job[] = [];
  for (const trace of traces) {
    const applicable = applicableTo(model, trace);
    if (!applicable.ok) throw new Error('a trace is loaded only if its releases are known');
    const { order, proposals } = applicable.value;
    const meant = names.includes(ALL)
      ? order
      : names.length === 0
        ? (order.length > 0 ? order : proposals).slice(-1)
        : [];
    const combined = addProposals(model, [...new Set([...named.choices, ...meant])], textsOf(args, 'with'));
    if (!combined.ok) return combined.message;
    jobs.push({ trace, choices: combined.choices });
  }
  return jobs;
};

function* gather(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** How outcomes become what is printed, in chunks of about {@link CHUNK_LENGTH}. */
const loadOutput = async (session: Session) => {
  const [{ answers, goldenHeader }, { formatHead, renderPieces }, { JsonLinesWriter }] = await Promise.all([
    import('../outcome.ts'),
    import('../../engine/golden/text.ts'),
    import('../json-lines-writer.ts'),
  ]);

  function* jsonLines(head: Readonly<Record<string, string>>, lines: Iterable<ResultLine>): Generator<Uint8Array> {
    const writer = new JsonLinesWriter();
    writer.write(head);
    for (const line of lines) {
      writer.write(line);
      if (writer.length >= CHUNK_LENGTH) yield writer.take();
    }
    yield writer.take();
  }

  function* text(trace: OpenTrace, release: string, lines: Iterable<ResultLine>, feed: EventFeed): Generator<string> {
    const machine = trace.header.machine ?? trace.machinePath;
    const { header, machineDigest } = trace;
    yield formatHead(goldenHeader({ header, machineDigest, digest: trace.digest() }, release, trace.path, machine));
    const eventOf = (seq: number): TraceEvent | undefined => (feed.last?.seq === seq ? feed.last : undefined);
    yield* renderPieces(lines, eventOf, session.model.registry);
  }

  return (trace: OpenTrace, choice: Choice, request: Request, feed: EventFeed): Iterable<string | Uint8Array> => {
    const lines = answers(trace, choice, request.hardware, feed);
    return request.format === 'json'
      ? jsonLines({ trace: trace.path, release: choice.name }, lines)
      : gather(text(trace, choice.name, lines, feed));
  };
};

/** What a recording says of itself, where that matters to who reads its outcome. */
const noteOnRecording = ({ path, header: { directives } }: OpenTrace): string => {
  const { complete, lost = '0' } = directives;
  return [
    ...(lost === '0' ? [] : [`${path}: the recorder lost ${lost} events\n`]),
    ...(complete === 'no' ? [`${path}: the recording is not complete\n`] : []),
  ].join('');
};

/** Prints one outcome; answers what is wrong with the trace where that shows only while it is replayed. */
const print = async (
  session: Session,
  trace: OpenTrace,
  choice: Choice,
  request: Request,
  io: Io,
): Promise<string | undefined> => {
  const [output, { formatProblem }, { InputFault }, { EventFeed }] = await Promise.all([
    loadOutput(session),
    import('../session.ts'),
    import('../trace-stream.ts'),
    import('../event-feed.ts'),
  ]);
  const { until } = request;
  const feed = new EventFeed(trace.events, until);
  try {
    let held: string | Uint8Array = '';
    for (const chunk of output(trace, choice, request, feed)) {
      await io.out(held);
      if (io.outClosed()) return undefined;
      held = chunk;
    }
    feed.finish();
    io.progress('');
    await io.out(held);
    if (until !== undefined && !feed.isAtEnd) return noSuchEvent(trace.path, until, feed.last);
    return undefined;
  } catch (error) {
    if (error instanceof InputFault) return error.problems.map(formatProblem).join('');
    const { replayFault } = await import('../trace-fault.ts');
    const fault = replayFault(session.model, trace, error);
    if (fault === undefined) throw error;
    return fault;
  } finally {
    feed.close();
  }
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const request = requestOf(args);
  if (typeof request === 'string') return refuse(io, request);
  const [{ makeSession }, { model }, { notePartialStates }] = await Promise.all([
    import('../session.ts'),
    import('../model.ts'),
    import('../partial-states.ts'),
  ]);
  const session = makeSession(model);
  const early = await plan(session, [], args);
  if (typeof early === 'string') return refuse(io, early);
  const { traces, hasFaults } = await loadAll(session, args, request, io);
  const jobs = await plan(session, traces, args);
  if (typeof jobs === 'string') return refuse(io, jobs);
  let exit: ExitCode = hasFaults ? EXIT.wrongInput : EXIT.ok;
  let first = true;
  for (const { trace, choices } of jobs) {
    notePartialStates('replay', trace, choices, io);
    for (const choice of choices) {
      if (io.outClosed()) return exit;
      if (!first && request.format === 'text') await io.out('\n');
      first = false;
      const fault = await print(session, trace, choice, request, io);
      if (fault === undefined) continue;
      io.note(fault);
      exit = EXIT.wrongInput;
    }
    const said = noteOnRecording(trace);
    if (said !== '') io.note(said);
  }
  return exit;
};

export const replayCommand: Command = {
  positionals: [
    {
      name: 'trace',
      describe: 'trace files (.csv, .ndjson, .jsonl, .pb), or - for stdin',
      required: true,
      many: true,
      completes: 'trace',
    },
  ],
  options: {
    release: {
      describe: 'release or proposal to replay under, RELEASE+PROPOSAL, or all',
      value: 'NAME',
      repeatable: true,
      short: 'r',
      default: 'the newest that applies',
      completes: 'release',
    },
    with: { describe: 'proposed change to add to the release', value: 'NAME', repeatable: true, completes: 'release' },
    until: { describe: 'stop after the event with this number and print the state there', value: 'N' },
    format: { ...FORMAT_OPTION, describe: 'text, as in golden files, or json, one object a line' },
    hardware: { describe: 'also print the config space writes that reach hardware; --hardware=all: reads too' },
    'hardware-reads': { describe: 'the same as --hardware=all' },
    machine: MACHINE_OPTION,
    'allow-truncated': ALLOW_TRUNCATED_OPTION,
  },
  spellings: { '--hardware=all': '--hardware-reads', '--hardware=writes': '--hardware' },
  details:
    'Every trace and machine is read and checked first; if anything is wrong with one of them, all its faults are listed as file:line:column: message, only the others are replayed, and the exit status is 2. A trace of more than 1 MiB is replayed while it is read, in constant memory; a fault in it ends its replay, without a final state.\n\n' +
    'In JSON each trace starts with {"trace": …, "release": …}; then come one object for each event that answers something and a last one with "final": true.',
  examples: [
    ['hvreplay replay traces/sriov/vf-before-pf.csv', 'the outcome under the newest release'],
    ['hvreplay replay --release all --format json t.csv', 'JSON lines for every release'],
    ['hvreplay replay --release xen-4.19 --until 12 t.csv', 'the state after event 12'],
  ],
  run,
};
