// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { readTar } from '../../cli/archive.ts';
import { type FileResult, inflate } from '../../cli/files.ts';
import { parseReport } from '../../cli/merge-reports.ts';
import { differences } from '../../engine/golden/diff.ts';
import { splitGolden } from '../../engine/golden/text.ts';
import { importConsole } from '../../engine/import/console.ts';
import { importDeviceTree } from '../../engine/import/device-tree.ts';
import { importKprobes } from '../../engine/import/kprobes.ts';
import { importLspci } from '../../engine/import/lspci.ts';
import { assembleRecording } from '../../engine/import/recording.ts';
import { recognise } from '../../engine/import/sources.ts';
import { parseMachine } from '../../engine/machine/load.ts';
import { formatMachine } from '../../engine/machine/write.ts';
import { OPERATIONS } from '../../engine/ops/index.ts';
import { readExpectations } from '../../engine/replay/expectations.ts';
import { readKnown } from '../../engine/replay/known.ts';
import { loadMachine } from '../../engine/state/load-machine.ts';
import { decodeCsv } from '../../engine/trace/csv.ts';
import type { DecodedTrace } from '../../engine/trace/decoder.ts';
import { decodeJsonLines } from '../../engine/trace/json-lines.ts';
import type { Parsed } from '../../engine/trace/problem.ts';
import { decodeProtobuf } from '../../engine/trace/protobuf/decoder.ts';
import { protobufSchema } from '../../engine/trace/protobuf/schema.ts';
import { formatProtobuf } from '../../engine/trace/protobuf/write.ts';
import { formatCsv } from '../../engine/trace/write-csv.ts';
import { formatJsonLines } from '../../engine/trace/write-json-lines.ts';
import type { StructureMutation } from './mutate.ts';
import { mutateProtobuf } from './mutate-protobuf.ts';
import { mutateXentrace } from './mutate-xentrace.ts';
import { mutateTar, tarOf } from './tar.ts';

/** Right inputs: files of the project below a folder, by the end of their path. */
export interface Seeds {
  readonly folder: string;
  readonly ending: string;
  /** Files have to be brought into the target's form first. */
  readonly convert?: (file: Uint8Array) => Uint8Array;
}

type Verdict = 'accepted' | 'refused';

/** Something that reads what it did not write. */
export interface Target {
  readonly name: string;
  readonly seeds: Seeds;
  /** Changes its inputs beside the changes of bytes that all have. */
  readonly structure?: StructureMutation;
  /** Reads the input. Throws if it says nothing useful about it, or cannot read what it wrote itself. */
  read(bytes: Uint8Array): Verdict | Promise<Verdict>;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What has to hold for every refusal: at least one problem, each with a message, and places that exist. */
const judge = (parsed: Parsed<unknown>, bytes: Uint8Array): Verdict => {
  if (parsed.ok) return 'accepted';
  const lines = text(bytes).split(/\r\n|\r|\n/).length;
  if (parsed.problems.length === 0) throw new Error('refused without a problem');
  for (const { line, column, message } of parsed.problems) {
    if (message.trim() === '') throw new Error('a problem without a message');
    if (line !== undefined && (line < 1 || line > lines + 1)) throw new Error(`line ${line} of ${lines}: ${message}`);
    if (column !== undefined && column < 1) throw new Error(`column ${column}: ${message}`);
  }
  return 'refused';
};

/** The same of what is read of files, whose problems have no places. */
const judgeFile = (read: FileResult<unknown>): Verdict => {
  if (!read.ok && read.message.trim() === '') throw new Error('refused without a message');
  return read.ok ? 'accepted' : 'refused';
};

const sameAgain = (what: string, first: unknown, second: unknown): void => {
  if (!isDeepStrictEqual(first, second)) throw new Error(`${what} is not read as it was written`);
};

const unwrap = <T>(what: string, parsed: Parsed<T>): T => {
  if (!parsed.ok) throw new Error(`${what} is refused: ${JSON.stringify(parsed.problems.slice(0, 2))}`);
  return parsed.value;
};

const PROTOBUF = protobufSchema(OPERATIONS);

/** A trace that was read is written in all forms and read again. */
const traceRoundTrips = ({ header, events }: DecodedTrace): void => {
  const csv = unwrap('the CSV written', decodeCsv(formatCsv(header, events, OPERATIONS), OPERATIONS));
  sameAgain('the CSV written', csv.events, events);
  const json = unwrap('the JSON written', decodeJsonLines(formatJsonLines(header, events, OPERATIONS), OPERATIONS));
  sameAgain('the JSON written', json.events, events);
  const bytes = formatProtobuf(header, events, PROTOBUF);
  const protobuf = unwrap('the protobuf written', decodeProtobuf(bytes, PROTOBUF));
  sameAgain('the protobuf written', protobuf, { header, events });
};

const traceTarget = (
  name: string,
  seeds: Target['seeds'],
  decode: (bytes: Uint8Array) => Parsed<DecodedTrace>,
): Target => ({
  name,
  seeds,
  read: (bytes) => {
    const parsed = decode(bytes);
    if (parsed.ok) traceRoundTrips(parsed.value);
    return judge(parsed, bytes);
  },
});

const textTarget = (name: string, seeds: Target['seeds'], parse: (text: string) => Parsed<unknown>): Target => ({
  name,
  seeds,
  read: (bytes) => judge(parse(text(bytes)), bytes),
});

const toJsonLines = (file: Uint8Array): Uint8Array => {
  const { header, events } = unwrap('a trace of the project', decodeCsv(file, OPERATIONS));
  return new TextEncoder().encode(formatJsonLines(header, events, OPERATIONS));
};

const toProtobuf = (file: Uint8Array): Uint8Array => {
  const { header, events } = unwrap('a trace of the project', decodeCsv(file, OPERATIONS));
  return formatProtobuf(header, events, PROTOBUF);
};

/** Without the checksum, which would refuse nearly all that is changed. */
const toRecording = (file: Uint8Array): Uint8Array => toProtobuf(file).subarray(0, -5);

const MAX_INFLATED_BYTES = 2 ** 20;

/** An archive with what `tar` writes besides files: folders, links, long names of both kinds. */
const toTar = (file: Uint8Array): Uint8Array =>
  tarOf([
    { name: 'run/', type: '5' },
    { name: 'run/console.txt', content: file },
    { name: 'run/link', type: '2', linkName: 'console.txt' },
    { name: '././@LongLink', type: 'L', content: new TextEncoder().encode(`run/${'long'.repeat(40)}\0`) },
    { name: 'run/long', content: file.subarray(0, 600) },
    { name: 'PaxHeaders/x', type: 'x', content: new TextEncoder().encode('16 path=run/pax\n20 mtime=1795170999.1\n') },
    { name: 'run/x', content: file.subarray(0, 10) },
  ]);

const unzip = (file: Uint8Array): Uint8Array => Uint8Array.from(gunzipSync(file));

/** What is read of a recording is put together to a machine and a trace, which are written and read again. */
const sourceTarget = (name: string, seeds: Target['seeds']): Target => ({
  name,
  seeds,
  read: (bytes) => {
    const parsed = recognise(bytes)?.read(bytes);
    if (parsed?.ok !== true) return parsed === undefined ? 'refused' : judge(parsed, bytes);
    for (const { message } of parsed.value.notes) if (message.trim() === '') throw new Error('a note without a text');
    const recording = assembleRecording([parsed.value.content]);
    if (recording.ok) {
      const { machine, events } = recording.value;
      unwrap('the machine', loadMachine(formatMachine(machine)));
      const header = { version: 1, title: name, machine: 'machine.yaml', directives: {} };
      traceRoundTrips({ header, events });
    } else judge(recording, bytes);
    return 'accepted';
  },
});

export const TARGETS: readonly Target[] = [
  traceTarget('csv', { folder: 'traces', ending: '.csv' }, (bytes) => decodeCsv(bytes, OPERATIONS)),
  traceTarget('json-lines', { folder: 'traces', ending: '.csv', convert: toJsonLines }, (bytes) =>
    decodeJsonLines(bytes, OPERATIONS),
  ),
  {
    ...traceTarget('protobuf', { folder: 'traces', ending: '.csv', convert: toProtobuf }, (bytes) =>
      decodeProtobuf(bytes, PROTOBUF),
    ),
    structure: mutateProtobuf,
  },
  {
    ...traceTarget('recording', { folder: 'traces', ending: '.csv', convert: toRecording }, (bytes) =>
      decodeProtobuf(bytes, PROTOBUF, { allowTruncated: true }),
    ),
    structure: mutateProtobuf,
  },
  {
    name: 'machine',
    seeds: { folder: 'traces/machines', ending: '.yaml' },
    read: (bytes) => {
      const parsed = parseMachine(text(bytes));
      if (parsed.ok) {
        const plain = formatMachine(parsed.value);
        sameAgain('the plain machine', formatMachine(unwrap('the plain machine', parseMachine(plain))), plain);
      }
      // Which reads what it says of Arm and of grants too.
      judge(loadMachine(text(bytes)), bytes);
      return judge(parsed, bytes);
    },
  },
  {
    name: 'golden',
    seeds: { folder: 'golden/sriov', ending: '.txt' },
    read: (bytes) => {
      const golden = splitGolden(text(bytes));
      if (golden === undefined) return 'refused';
      differences(golden.body, '');
      return 'accepted';
    },
  },
  textTarget('known', { folder: 'test/fuzz/data', ending: 'known.yaml' }, readKnown),
  textTarget('expectations', { folder: 'test/fuzz/data', ending: 'expectations.yaml' }, readExpectations),
  {
    name: 'report',
    seeds: { folder: 'test/fuzz/data', ending: 'report.json' },
    read: (bytes) => judgeFile(parseReport(text(bytes))),
  },
  {
    name: 'tar',
    seeds: { folder: 'test/import/data', ending: 'console.txt', convert: toTar },
    structure: mutateTar,
    read: async (bytes) => {
      const files = await readTar(bytes);
      const sizes = files.ok ? files.value.map((file) => file.bytes.length) : [];
      if (sizes.reduce((sum, size) => sum + size, 0) > bytes.length) throw new Error('more bytes than there were');
      return judgeFile(files);
    },
  },
  {
    name: 'gzip',
    seeds: { folder: 'test/import/data', ending: '.0.gz' },
    read: (bytes) => judgeFile(inflate(bytes, MAX_INFLATED_BYTES)),
  },
  {
    name: 'device-tree',
    seeds: { folder: 'test/import/data', ending: '.dtb' },
    read: (bytes) => {
      const parsed = importDeviceTree(bytes);
      if (parsed.ok) unwrap('the machine of the tree', loadMachine(parsed.value.machine));
      return judge(parsed, bytes);
    },
  },
  textTarget('console', { folder: 'test/import/data', ending: 'console.txt' }, importConsole),
  sourceTarget('dom0-log', { folder: 'test/import/data', ending: 'dom0-dmesg.txt' }),
  textTarget('kprobes', { folder: 'test/import/data', ending: 'kprobes.txt' }, importKprobes),
  { ...sourceTarget('xentrace', { folder: 'test/fuzz/data', ending: 'xentrace.bin' }), structure: mutateXentrace },
  sourceTarget('qemu-log', { folder: 'test/fuzz/data', ending: 'qemu.log' }),
  sourceTarget('vpci-log', { folder: 'test/fuzz/data', ending: 'vpci-log.txt' }),
  sourceTarget('lspci-run', { folder: 'test/import/data', ending: 'lspci-vvvxxxx.0.gz', convert: unzip }),
  sourceTarget('resource', { folder: 'test/import/data', ending: 'resource.0.gz', convert: unzip }),
  sourceTarget('mmiotrace', { folder: 'test/fuzz/data', ending: 'mmiotrace.txt' }),
  sourceTarget('steps', { folder: 'test/fuzz/data', ending: 'steps.txt' }),
  textTarget('lspci', { folder: 'test/import/data', ending: 'lspci.txt' }, (dump) => importLspci(dump)),
];
