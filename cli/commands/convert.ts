// SPDX-License-Identifier: GPL-2.0-only
import { type Args, flagOf, textOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { ALLOW_TRUNCATED_OPTION, refuser, TRACE_FILE } from '../shared-options.ts';
import { formatNamed, TRACE_EXTENSIONS, TRACE_FORMATS, type TraceFormat } from '../trace-format.ts';

const FORMATS = TRACE_FORMATS.join(', ');

const refuse = refuser('convert');

/** What `--from` or `--to` asks for; undefined: not given. */
const formatAsked = (args: Args, option: 'from' | 'to'): TraceFormat | undefined =>
  TRACE_FORMATS.find((format) => format === textOf(args, option));

const deliver = async (pieces: Iterable<Uint8Array>, output: string, io: Io): Promise<ExitCode> => {
  if (output !== '-') {
    const { writePieces } = await import('../write-files.ts');
    const written = writePieces(output, pieces);
    return written.ok ? EXIT.ok : refuse(io, `${output}: ${written.message}`);
  }
  for (const piece of pieces) {
    if (io.outClosed()) break;
    await io.out(piece);
  }
  return EXIT.ok;
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const [{ formatProblem, makeSession }, { model }, { encodePieces }, { progressBar }, { InputFault }] =
    await Promise.all([
      import('../session.ts'),
      import('../model.ts'),
      import('../encode-trace.ts'),
      import('../progress.ts'),
      import('../trace-stream.ts'),
    ]);
  const [input, output] = [textOf(args, 'in') ?? '-', textOf(args, 'out') ?? '-'];
  const from = formatAsked(args, 'from');
  const to = formatAsked(args, 'to') ?? (output === '-' ? undefined : formatNamed(output));
  if (to === undefined)
    return refuse(
      io,
      output === '-'
        ? `the format of standard output is not known; expected --to ${FORMATS}`
        : `${output}: is no trace by its name; expected .${TRACE_EXTENSIONS.join(', .')}, or --to FORMAT`,
    );
  const read = makeSession(model).readEvents(input, {
    ...{ format: from, allowTruncated: flagOf(args, 'allow-truncated'), onProgress: progressBar(io, input) },
  });
  if (!read.ok) {
    for (const problem of read.problems) io.note(formatProblem(problem));
    return EXIT.wrongInput;
  }
  const { header, events } = read.value;
  try {
    return await deliver(await encodePieces(to, header, events), output, io);
  } catch (error) {
    if (!(error instanceof InputFault)) throw error;
    for (const problem of error.problems) io.note(formatProblem(problem));
    return EXIT.wrongInput;
  } finally {
    io.progress('');
  }
};

export const convertCommand: Command = {
  positionals: [
    { name: 'in', describe: TRACE_FILE, required: true, completes: 'trace' },
    { name: 'out', describe: 'trace file to write, or - for stdout', required: true, completes: 'file' },
  ],
  options: {
    from: {
      describe: `format of the input: ${FORMATS}`,
      value: 'FORMAT',
      default: 'by name; of stdin by its first bytes',
      choices: TRACE_FORMATS,
    },
    to: { describe: 'format of the output', value: 'FORMAT', default: 'by name', choices: TRACE_FORMATS },
    'allow-truncated': ALLOW_TRUNCATED_OPTION,
  },
  details:
    'The trace is read and checked to its end first; a large one is then read again, so that its size does not matter. Nothing is lost: header, directives, events and what they recorded are the same when the output is read again. Spelling is not kept: numbers and names are written in one canonical form, and CSV gets the columns that are used.\n\n' +
    "The header's reference to a machine file is kept as it is; it is relative to the folder that the trace is in. A file that exists is replaced, in one step.",
  examples: [
    ['hvreplay convert t.csv t.jsonl', 'CSV to JSON lines'],
    ['hvreplay convert t.pb t.csv', 'a recording to a table that people can read and edit'],
    ['hvreplay convert - - --to csv < t.jsonl', 'in a pipe'],
  ],
  run,
};
