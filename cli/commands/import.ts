// SPDX-License-Identifier: GPL-2.0-only
import type { Recording } from '../../engine/import/recording.ts';
import type { Content } from '../../engine/import/sources.ts';
import type { TraceHeader } from '../../engine/trace/operation.ts';
import { type Args, choiceOf, textOf, textsOf } from '../args.ts';
import type { Command } from '../command.ts';
import { encodeTrace } from '../encode-trace.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import type { ImportReport, ReportedFile } from '../import-text.ts';
import type { Io } from '../io.ts';
import { refuser } from '../shared-options.ts';
import type { GatheredFile } from '../source-files.ts';
import { TRACE_FORMATS } from '../trace-format.ts';

/** Formats of the trace, by the extension that its file gets. */

const FILE_NAMES = { csv: 'trace.csv', 'json-lines': 'trace.jsonl', protobuf: 'trace.pb' } as const;

const DEFAULT_FOLDER = 'recording';

const refuse = refuser('import');

interface ReadFiles {
  readonly contents: readonly Content[];
  readonly reported: readonly ReportedFile[];
  readonly faults: readonly string[];
}

const NOT_RECOGNISED =
  'is nothing that can be imported; expected lspci -vvvxxxx, sysfs resource, xl dmesg or a serial log, dmesg of dom0, kernel probes, xentrace, QEMU trace or mmiotrace';

const NO_DUMP = 'is lspci without -xxxx: it has no hex dump; run lspci -Dvvvxxxx, as root';

const DEVICE_TREE = 'is a flattened device tree, which hvreplay machine FILE makes a machine file of';

/** What a file is that no source can be read from. */
const whatItIs = async (bytes: Uint8Array): Promise<string> => {
  const [{ nearlyRecognised }, { isFlatTree }] = await Promise.all([
    import('../../engine/import/sources.ts'),
    import('../../engine/import/flat-tree.ts'),
  ]);
  if (bytes.length === 0) return 'is empty';
  if (isFlatTree(bytes)) return DEVICE_TREE;
  return nearlyRecognised(bytes) === 'lspci' ? NO_DUMP : NOT_RECOGNISED;
};

const readFiles = async (files: readonly GatheredFile[]): Promise<ReadFiles> => {
  const [{ recognise }, { ProblemList }, { formatProblem }] = await Promise.all([
    import('../../engine/import/sources.ts'),
    import('../../engine/trace/problem-list.ts'),
    import('../session.ts'),
  ]);
  const contents: Content[] = [];
  const reported: ReportedFile[] = [];
  const faults: string[] = [];
  for (const { name, bytes, alone } of files) {
    const source = recognise(bytes);
    if (source === undefined) {
      if (alone) faults.push(`${name}: ${await whatItIs(bytes)}\n`);
      else reported.push({ file: name, source: undefined, read: undefined });
      continue;
    }
    const read = source.read(bytes);
    if (!read.ok) {
      const list = new ProblemList();
      for (const problem of read.problems) list.add(() => problem);
      for (const problem of list.list()) faults.push(formatProblem({ ...problem, file: name }));
    } else {
      contents.push(read.value.content);
      reported.push({ file: name, source: { name: source.name, cannotTell: source.cannotTell }, read: read.value });
    }
  }
  return { contents, reported, faults };
};

/** The release that a Xen of this version is a build of, if the model has it. */
const releaseOf = async (version: string | undefined): Promise<string | undefined> => {
  const { model } = await import('../model.ts');
  const [, number] = /^(\d+\.\d+)/.exec(version ?? '') ?? [];
  const named = model.series[0]?.find(({ name }) => name === `xen-${number}`);
  const isUnstable = /-unstable/.test(version ?? '');
  return isUnstable ? model.series[0]?.at(-1)?.name : named?.name;
};

const headerOf = async ({ xen, counts }: Recording, title: string): Promise<TraceHeader> => {
  const release = await releaseOf(xen);
  return {
    ...{ version: 1, title, machine: 'machine.yaml' },
    directives: {
      ...(release === undefined ? {} : { 'recorded-on': release }),
      ...{ source: counts.accessesFrom, tool: 'hvreplay import', lost: String(counts.lost) },
      ...(xen === undefined ? {} : { 'xen-version': xen }),
    },
  };
};

const writeAll = async (
  folder: string,
  files: readonly (readonly [name: string, data: string | Uint8Array])[],
): Promise<string | undefined> => {
  const { writeAtomic } = await import('../write-files.ts');
  for (const [name, data] of files) {
    const written = writeAtomic(`${folder}/${name}`, data);
    if (!written.ok) return `${folder}/${name}: ${written.message}`;
  }
  return undefined;
};

/** A trace in `folder` that would lie beside the machine of another recording. */
const leftTrace = async (folder: string, written: string | undefined): Promise<string | undefined> => {
  const { pathKind } = await import('../files.ts');
  return Object.values(FILE_NAMES).find((name) => name !== written && pathKind(`${folder}/${name}`) !== 'absent');
};

const run = async (args: Args, io: Io): Promise<ExitCode> => {
  const format = choiceOf(args, 'format', TRACE_FORMATS);
  const [{ gatherFiles }, { assembleRecording }, { formatImportReport, NO_TRACE }, { formatMachine }] =
    await Promise.all([
      import('../source-files.ts'),
      import('../../engine/import/recording.ts'),
      import('../import-text.ts'),
      import('../../engine/machine/write.ts'),
    ]);
  const sources = textsOf(args, 'source');
  io.progress('reading');
  const gathered = await gatherFiles(sources);
  const { contents, reported, faults } = await readFiles(gathered.files);
  io.progress('');
  const all = [...gathered.faults, ...faults];
  if (all.length === 0 && contents.length === 0) all.push(`${sources.join(' ')}: ${NOT_RECOGNISED}\n`);
  if (all.length > 0) {
    for (const fault of all) io.note(fault);
    return EXIT.wrongInput;
  }
  const recording = assembleRecording(contents);
  if (!recording.ok) return refuse(io, recording.problems.map(({ message }) => message).join('; '));
  const folder = textOf(args, 'out') ?? DEFAULT_FOLDER;
  const trace = recording.value.events.length > 0 ? FILE_NAMES[format] : undefined;
  const left = await leftTrace(folder, trace);
  if (left !== undefined)
    return refuse(io, `${folder}/${left} is of another import; remove it, or name another folder with --out`);
  const header = await headerOf(recording.value, `Recorded on Xen ${recording.value.xen ?? 'of unknown version'}`);
  const report: ImportReport = { files: reported, recording: recording.value, header };
  const text = formatImportReport(report);
  const written = await writeAll(folder, [
    ['machine.yaml', formatMachine(recording.value.machine)],
    ...(trace === undefined ? [] : ([[trace, await encodeTrace(format, header, recording.value.events)]] as const)),
    ['report.txt', text],
  ]);
  if (written !== undefined) return refuse(io, written);
  await io.out(text);
  if (recording.value.events.length === 0) io.note(`hvreplay import: ${NO_TRACE}\n`);
  return EXIT.ok;
};

export const importCommand: Command = {
  positionals: [
    {
      name: 'source',
      describe: 'files of one run, folders or tar archives of them, any of them compressed by gzip, or - for stdin',
      required: true,
      many: true,
      completes: 'file',
    },
  ],
  options: {
    out: { describe: 'folder to write to', value: 'FOLDER', short: 'o', default: DEFAULT_FOLDER, completes: 'file' },
    format: {
      describe: `format of the trace: ${TRACE_FORMATS.join(', ')}`,
      value: 'FORMAT',
      default: 'csv',
      choices: TRACE_FORMATS,
    },
  },
  details:
    "Makes a machine file and a trace of what was recorded of a real run. What a file is shows in its content: lspci -vvvxxxx, sysfs resource files, Xen's console (xl dmesg or a serial line, also with a log of vPCI accesses), dmesg and kernel probes of dom0, the binary file of xentrace, a QEMU trace of config accesses, mmiotrace, a log of steps. Files of a folder or archive that are none of these are passed over and listed.\n\n" +
    'Accesses come from the vPCI log if there is one, else from xentrace, else from the probes; the other sources add what it lacks: sizes, results, what reached the hardware, what the hardware is. The report says what was counted, lost, inferred, and what each source cannot tell. A file that is damaged is refused as a whole: with its line or byte, exit status 2.\n\n' +
    'FOLDER gets machine.yaml, report.txt and, if a source tells accesses, trace.csv (or .jsonl, .pb), each written in one step. hvreplay conform FOLDER compares them with the model.',
  examples: [
    ['hvreplay import run.tar --out run && hvreplay conform run', 'a record of hvreplay-record.sh'],
    ['hvreplay import lspci.txt resource.txt -o machine', 'a machine file only'],
  ],
  run,
};
