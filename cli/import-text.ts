// SPDX-License-Identifier: GPL-2.0-only
import type { Recording } from '../engine/import/recording.ts';
import type { ReadSource } from '../engine/import/sources.ts';
import type { TraceHeader } from '../engine/trace/operation.ts';
import type { Problem } from '../engine/trace/problem.ts';
import { columns } from './columns.ts';

/** A file that was given, and what came of it; `source` undefined: it was passed over. */
export interface ReportedFile {
  readonly file: string;
  readonly source: { readonly name: string; readonly cannotTell: readonly string[] } | undefined;
  readonly read: ReadSource | undefined;
}

export interface ImportReport {
  readonly files: readonly ReportedFile[];
  readonly recording: Recording;
  readonly header: TraceHeader;
}

const MAX_NOTES_OF_A_FILE = 20;

const noteLine = (file: string, { line, message }: Problem): string =>
  `  ${file}${line === undefined ? '' : `:${line}`}: ${message}\n`;

const notesOf = (file: string, notes: readonly Problem[]): string => {
  const rest = notes.length - MAX_NOTES_OF_A_FILE;
  return (
    notes
      .slice(0, MAX_NOTES_OF_A_FILE)
      .map((note) => noteLine(file, note))
      .join('') + (rest > 0 ? `  ${file}: and ${rest} more\n` : '')
  );
};

const section = (title: string, body: string): string => (body === '' ? '' : `\n${title}\n${body}`);

const sourcesText = (files: readonly ReportedFile[]): string =>
  columns(
    files.flatMap(({ file, source, read }) =>
      read === undefined ? [] : [[`  ${file}`, source?.name ?? '', read.summary]],
    ),
  );

/** What became of the lines of logs; those that seem to be about PCI and were not understood are quoted, but not all. */
const linesText = (files: readonly ReportedFile[]): string => {
  const logs = files.flatMap(({ file, read }) => (read?.lines === undefined ? [] : [{ file, lines: read.lines }]));
  const counts = logs.map(({ file, lines: { read, used, strange } }) => [
    `  ${file}`,
    `${read} read, ${used} used, ${strange} not understood though they seem to be about PCI, ${read - used - strange} others`,
  ]);
  const quoted = logs.map(({ file, lines: { first } }) => first.map((line) => noteLine(file, line)).join(''));
  return columns(counts) + quoted.join('');
};

const traceText = ({ counts, events }: Recording): string => {
  const { hardware, sizes, named } = counts;
  const lines: readonly (readonly [boolean, string])[] = [
    [true, `${events.length} rows; accesses from ${counts.accessesFrom}`],
    [true, `${counts.configAccesses} config accesses, ${counts.memoryAccesses} accesses to memory`],
    [true, `${counts.hypercalls} hypercalls about devices, ${counts.mappedRanges} ranges mapped or unmapped`],
    [counts.comingAndGoing > 0, `${counts.comingAndGoing} times a device came or went, seen by its vendor ID`],
    [
      sizes !== undefined,
      `sizes: ${sizes?.probes} from kernel probes, ${sizes?.commands} from the steps log, ${sizes?.inferred} inferred`,
    ],
    [counts.missing > 0, `${counts.missing} accesses of the kernel that xentrace does not have`],
    [counts.elsewhere > 0, `${counts.elsewhere} accesses to other ports and pages left out`],
    [
      named !== undefined,
      `hypercalls by number only: ${named?.known} named by the console, ${named?.inferred} by what they left, ` +
        `${named?.unknown} unknown and left out, ${named?.unplaced} without a place and left out`,
    ],
    [
      (named?.withoutResult ?? 0) > 0,
      `${named?.withoutResult} results unknown: nothing tells them, or dom0 says that Xen refused but not why`,
    ],
    [
      hardware !== undefined,
      `hardware: ${hardware?.writes} writes among ${hardware?.accesses} accesses, ${hardware?.paired} of them found in the record`,
    ],
  ];
  return lines
    .filter(([applies]) => applies)
    .map(([, text]) => `  ${text}\n`)
    .join('');
};

/** Why there is no trace, in a sentence, and what one would be made of. */
export const NO_TRACE =
  'no trace is written, since nothing here tells accesses; they come from a Xen that logs vPCI (docs/recording.md), xentrace, kernel probes of dom0 or mmiotrace';

const ORDER =
  '  Each source keeps its own order. Between two sources, what is the same in both is the same moment; what lies in\n' +
  '  between is placed after the last such moment, so that a write to hardware may stand some events from its cause.\n';

const cannotTell = (files: readonly ReportedFile[]): string => {
  const bySource = new Map(files.flatMap(({ source }) => (source === undefined ? [] : [[source.name, source]])));
  return [...bySource.values()]
    .map(({ name, cannotTell: what }) => what.map((one) => `  ${name}: ${one}\n`).join(''))
    .join('');
};

/** What an import found, for people. */
export const formatImportReport = ({ files, recording, header }: ImportReport): string => {
  const { machine, events, xen } = recording;
  const { 'recorded-on': release } = header.directives;
  const passedOver = files.filter(({ read }) => read === undefined).map(({ file }) => `  ${file}\n`);
  const hardware = `${machine.devices.length} devices, ${machine.ecam.length} ECAM windows, ${machine.memoryMap.length} ranges of memory`;
  return [
    `${header.title ?? ''}${release === undefined ? '' : ` (${release})`}\n`,
    section('Sources', sourcesText(files)),
    section('Lines', linesText(files)),
    section('Machine', `  ${hardware}\n`),
    section('Trace', events.length === 0 ? `  ${NO_TRACE}\n` : traceText(recording)),
    events.length === 0 ? '' : section('Order', ORDER),
    section(
      'Notes',
      files.map(({ file, read }) => notesOf(file, read?.notes ?? [])).join('') + notesOf('lspci', recording.notes),
    ),
    section('Not told by the sources', cannotTell(files)),
    section('Passed over', passedOver.join('')),
    xen === undefined ? '\nNo console: the release is not known; conform needs --release\n' : '',
  ].join('');
};
