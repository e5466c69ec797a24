// SPDX-License-Identifier: GPL-2.0-only
import type { Parsed, Problem } from '../trace/problem.ts';
import { type ConsoleFact, importConsole } from './console.ts';
import { type Dom0Log, importDom0Log, isDom0Log } from './dom0-log.ts';
import { importKprobes, type KernelTrace } from './kprobes.ts';
import { countLines, type LinesRead } from './lines-read.ts';
import { isLspciWithoutDump, type LspciDevice, parseLspciText } from './lspci-text.ts';
import { importMmiotrace, type MmioTrace } from './mmiotrace.ts';
import { linesOf, problemAt, readAsText } from './problems.ts';
import { importQemuLog, type QemuLog } from './qemu-log.ts';
import { importSteps, type StepsLog } from './steps.ts';
import { parseSysfsResources, type ResourceRows } from './sysfs-resource.ts';
import { importVpciLog, VPCI_LOG_MARK, type VpciLog } from './vpci-log.ts';
import { importXentrace, isXentrace, type XenTrace } from './xentrace.ts';

/** A file of a recording: its name, as the user knows it, and what is in it. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What one file gave. */
export type Content =
  | { readonly kind: 'lspci'; readonly devices: readonly LspciDevice[] }
  | { readonly kind: 'resource'; readonly rows: ResourceRows }
  | { readonly kind: 'console'; readonly facts: readonly ConsoleFact[]; readonly log: VpciLog | undefined }
  | { readonly kind: 'dom0-log'; readonly log: Dom0Log }
  | { readonly kind: 'kprobes'; readonly trace: KernelTrace }
  | { readonly kind: 'xentrace'; readonly trace: XenTrace }
  | { readonly kind: 'qemu'; readonly log: QemuLog }
  | { readonly kind: 'mmiotrace'; readonly trace: MmioTrace }
  | { readonly kind: 'steps'; readonly steps: StepsLog };

/** What was read of a file, and remarks about it: lines that are lost, passed over or doubtful. */
export interface ReadSource {
  readonly content: Content;
  /** One line: how much of what. */
  readonly summary: string;
  readonly notes: readonly Problem[];
  /** Of a log that carries other things too; other sources are refused for a line that they do not understand, or note it. */
  readonly lines?: LinesRead;
}

/** One kind of source: how it is known by its content, how it is read, and what it cannot tell. */
interface SourceKind {
  readonly kind: Content['kind'];
  /** As the report and messages call it. */
  readonly name: string;
  recognises(bytes: Uint8Array, head: string): boolean;
  read(bytes: Uint8Array): Parsed<ReadSource>;
  readonly cannotTell: readonly string[];
}

const count = (number: number, what: string, several = `${what}s`): string =>
  `${number} ${number === 1 ? what : several}`;

const map = <A, B>(parsed: Parsed<A>, change: (value: A) => B): Parsed<B> =>
  parsed.ok ? { ok: true, value: change(parsed.value) } : parsed;

/** Facts of the console and, if its Xen logged vPCI accesses, those. */
const readConsole = (text: string): Parsed<ReadSource> => {
  const logged = new Set<number>();
  const said = text
    .split('\n')
    .map((line, index) => {
      if (!VPCI_LOG_MARK.test(line.trimEnd())) return line;
      logged.add(index + 1);
      return '';
    })
    .join('\n');
  const hasLog = logged.size > 0;
  const log = hasLog ? importVpciLog(text) : undefined;
  if (log?.ok === false) return log;
  const broken = log?.value.broken ?? [];
  for (const { line } of broken) logged.delete(line ?? 0);
  return map(importConsole(hasLog ? `${said}\n(XEN) \n` : said), (facts) => {
    const understood = facts.filter(({ kind }) => kind !== 'other');
    const lines = countLines(said, new Set([...logged, ...understood.map(({ line }) => line)]));
    return {
      content: { kind: 'console', facts, log: log?.value },
      summary: [
        count(understood.length, 'fact'),
        ...(log === undefined
          ? []
          : [
              `a vPCI log of ${count(log.value.events.length, 'event')}`,
              `${log.value.passedOn.length} accesses passed on`,
            ]),
      ].join(', '),
      notes: broken,
      lines: { ...lines, read: linesOf(text).length, strange: lines.strange + broken.length },
    };
  });
};

const BEGINS_LATE =
  'begins after the boot: results of removals that it says nothing about are not known; a larger log_buf_len keeps it whole';

/** Of dom0's log, of which few lines are about PCI. */
const readDom0Log = (text: string): Parsed<ReadSource> =>
  map(importDom0Log(text), (log) => {
    const ofKind = (kind: string): number => log.facts.filter((fact) => fact.kind === kind).length;
    return {
      content: { kind: 'dom0-log', log },
      summary: `${count(ofKind('found'), 'device')} found, ${count(ofKind('dom0-refused'), 'refusal')}`,
      notes: log.fromBoot ? [] : [problemAt(1, BEGINS_LATE)],
      lines: countLines(text, new Set(log.facts.map(({ line }) => line))),
    };
  });

/** In the order in which they are tried: what is told by a few bytes first. */
const SOURCES: readonly SourceKind[] = [
  {
    kind: 'xentrace',
    name: 'xentrace',
    recognises: isXentrace,
    read: (bytes) =>
      map(importXentrace(bytes), (trace) => ({
        content: { kind: 'xentrace', trace },
        summary: `${count(trace.records.length, 'record')} of interest in ${trace.seen} on ${count(trace.cpus, 'CPU')}, ${trace.lost} lost`,
        notes: trace.notes,
      })),
    cannotTell: [
      'sizes of accesses: taken from kernel probes or the steps log where they have the access, else inferred',
      'arguments and results of hypercalls: from the console, the probes and the accesses around them',
      'when exactly: a record has the time of the enclosing exit of the vCPU',
    ],
  },
  {
    kind: 'kprobes',
    name: 'kernel probes',
    recognises: (_, head) =>
      /\b(?:pci_conf1|pci_mmcfg)_(?:read|write)\b|\bxen_pci_notifier\b/.test(head) &&
      /\]\s+\S+\s+\d+\.\d{6}: /.test(head),
    read: (bytes) =>
      map(readAsText(bytes, importKprobes), (trace) => ({
        content: { kind: 'kprobes', trace },
        summary: `${count(trace.events.length, 'event')}, ${trace.lostEvents} lost`,
        notes: [],
      })),
    cannotTell: [
      'accesses before the probes were on, and those that bypass the kernel',
      'results of hypercalls: a notifier code is no errno',
    ],
  },
  {
    kind: 'qemu',
    name: 'QEMU trace',
    recognises: (_, head) => /^\d+@\d+\.\d{6}:(?:pci|sriov)_\w+ /m.test(head),
    read: (bytes) =>
      map(readAsText(bytes, importQemuLog), (log) => ({
        content: { kind: 'qemu', log },
        summary: `${count(log.accesses.length, 'access', 'accesses')}, ${count(log.accesses.filter(({ write }) => write).length, 'write')} among them, ${log.others} other events`,
        notes: log.broken,
      })),
    cannotTell: [
      'who made an access, firmware, Xen or a domain: told by the accesses around it',
      'sizes of accesses',
      'accesses to functions that are absent: nothing answers them, nothing logs them',
    ],
  },
  {
    kind: 'mmiotrace',
    name: 'mmiotrace',
    recognises: (_, head) =>
      /^VERSION \d{8}\b/m.test(head) || /^(?:R|W|MAP) \d+ \d+\.\d{6} \d+ 0x[0-9a-f]+ 0x/m.test(head),
    read: (bytes) =>
      map(readAsText(bytes, importMmiotrace), (trace) => ({
        content: { kind: 'mmiotrace', trace },
        summary: `${count(trace.events.length, 'access', 'accesses')}, ${trace.lost} lost`,
        notes: trace.notes,
      })),
    cannotTell: ['what Xen made of an access', 'accesses that are not through ioremap'],
  },
  {
    kind: 'lspci',
    name: 'lspci',
    recognises: (_, head) =>
      /^(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] /m.test(head) && /^00:(?: [0-9a-f]{2}){16}$/m.test(head),
    read: (bytes) =>
      map(readAsText(bytes, parseLspciText), ({ devices, notes }) => ({
        content: { kind: 'lspci', devices },
        summary: count(devices.length, 'device'),
        notes,
      })),
    cannotTell: [
      'the machine as Xen found it: registers are put back to what the other sources saw first, the rest is as dumped',
      'which bits hardware hardwires: write masks are those of the specifications',
    ],
  },
  {
    kind: 'resource',
    name: 'sysfs resource',
    recognises: (_, head) => /^0x[0-9a-f]{16} 0x[0-9a-f]{16} 0x[0-9a-f]{16}$/m.test(head),
    read: (bytes) =>
      map(readAsText(bytes, parseSysfsResources), (rows) => ({
        content: { kind: 'resource', rows },
        summary: count(rows.size, 'device'),
        notes: [],
      })),
    cannotTell: ['BARs that the kernel dropped'],
  },
  {
    kind: 'console',
    name: "Xen's console",
    recognises: (_, head) => head.includes('(XEN) '),
    read: (bytes) => readAsText(bytes, readConsole),
    cannotTell: [
      'results of successful hypercalls other than adding and removing; a PF, whose VF it names',
      'what the log level, the rate limit or a full ring dropped',
    ],
  },
  {
    kind: 'steps',
    name: 'steps log',
    recognises: (_, head) => /^### step \d+ t=[\d.]+ : /m.test(head),
    read: (bytes) =>
      map(readAsText(bytes, importSteps), (steps) => ({
        content: { kind: 'steps', steps },
        summary: `${count(steps.steps.length, 'step')}, ${count(steps.accesses.length, 'access', 'accesses')} to memory with their size`,
        notes: [],
      })),
    cannotTell: ['what a command did, but for devmem'],
  },
  {
    kind: 'dom0-log',
    name: "dom0's log",
    recognises: (_, head) => isDom0Log(head),
    read: (bytes) => readAsText(bytes, readDom0Log),
    cannotTell: ['why Xen refused to add or remove a device', 'removals that went well: it is silent about them'],
  },
];

/** Characters at the start of a file by which it is recognised. */
const HEAD_BYTES = 262_144;

const headOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES));

/** The kind of a file by its content; undefined: none that a trace can be made of. */
export const recognise = (bytes: Uint8Array): SourceKind | undefined => {
  const head = headOf(bytes);
  return SOURCES.find((source) => source.recognises(bytes, head));
};

/** Of what kind a file would be if it had been taken with other options; undefined: of none. */
export const nearlyRecognised = (bytes: Uint8Array): 'lspci' | undefined =>
  isLspciWithoutDump(headOf(bytes)) ? 'lspci' : undefined;
