// SPDX-License-Identifier: GPL-2.0-only
import { type Args, textOf } from '../args.ts';
import type { Command } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import type { TraceFormat } from '../session.ts';
import { refuser } from '../shared-options.ts';

const FORMATS: readonly TraceFormat[] = ['csv', 'json-lines'];

const refuse = refuser('convert');

/** What `--from` or `--to` asks for; undefined: not given. */
const formatAsked = (args: Args, option: 'from' | 'to'): TraceFormat | undefined | { readonly wrong: string } => {
  const name = textOf(args, option);
  if (name === undefined) return undefined;
  return FORMATS.find((format) => format === name) ?? { wrong: `--${option} ${name}: expected csv or json-lines` };
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const [{ formatNamed, formatProblem, makeSession, TRACE_EXTENSIONS }, { model }, { writeAtomic }] = await Promise.all(
    [import('../session.ts'), import('../model.ts'), import('../files.ts')],
  );
  const [input, output] = [textOf(args, 'in') ?? '-', textOf(args, 'out') ?? '-'];
  const [from, asked] = [formatAsked(args, 'from'), formatAsked(args, 'to')];
  if (typeof from === 'object') return refuse(io, from.wrong);
  if (typeof asked === 'object') return refuse(io, asked.wrong);
  const to = asked ?? (output === '-' ? undefined : formatNamed(output));
  if (to === undefined)
    return refuse(
      io,
      output === '-'
        ? 'the format of standard output is not known; expected --to csv or --to json-lines'
        : `${output}: is no trace by its name; expected .${TRACE_EXTENSIONS.join(', .')}, or --to FORMAT`,
    );
  const read = makeSession(model).readTrace(input, from);
  if (!read.ok) {
    for (const problem of read.problems) io.note(formatProblem(problem));
    return EXIT.wrongInput;
  }
  const { header, events } = read.value.decoded;
  const [{ formatCsv }, { formatJsonLines }] = await Promise.all([
    import('../../engine/trace/write-csv.ts'),
    import('../../engine/trace/write-json-lines.ts'),
  ]);
  const text = (to === 'csv' ? formatCsv : formatJsonLines)(header, events, model.registry);
  if (output === '-') {
    await io.out(text);
    return EXIT.ok;
  }
  const written = writeAtomic(output, text);
  return written.ok ? EXIT.ok : refuse(io, `${output}: ${written.message}`);
};

export const convertCommand: Command = {
  positionals: [
    { name: 'in', describe: 'trace file (.csv, .ndjson, .jsonl), or - for stdin', required: true, completes: 'trace' },
    { name: 'out', describe: 'trace file to write, or - for stdout', required: true, completes: 'file' },
  ],
  options: {
    from: {
      describe: 'format of the input: csv or json-lines',
      value: 'FORMAT',
      default: 'by name; of stdin by its first character',
      completes: FORMATS,
    },
    to: { describe: 'format of the output', value: 'FORMAT', default: 'by name', completes: FORMATS },
  },
  details:
    'The trace is read whole and checked first. Nothing is lost: header, directives, events and what they recorded are the same when the output is read again. Spelling is not kept: numbers and names are written in one canonical form, and CSV gets the columns that are used.\n\n' +
    "The header's reference to a machine file is kept as it is; it is relative to the folder that the trace is in. A file that exists is replaced, in one step.",
  examples: [
    ['hvreplay convert t.csv t.jsonl', 'CSV to JSON lines'],
    ['hvreplay convert - - --to csv < t.jsonl', 'in a pipe'],
  ],
  run,
};
