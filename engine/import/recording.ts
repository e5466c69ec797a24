// SPDX-License-Identifier: GPL-2.0-only
import { dwordAt } from '../machine/config-dump.ts';
import type { PlainDevice, PlainMachine } from '../machine/plain.ts';
import type { Sbdf } from '../num/sbdf.ts';
import type { TraceEvent } from '../trace/operation.ts';
import type { Parsed, Problem } from '../trace/problem.ts';
import { naturalWidths } from './access-size.ts';
import { bootRows } from './boot.ts';
import { combine, placeInRecord } from './combine.ts';
import type { ConsoleFact } from './console.ts';
import { withDom0Log } from './dom0-log.ts';
import { type FromXentrace, fromXentrace } from './from-xentrace.ts';
import { type HypercallCounts, type HypercallMark, type KnownDevices, nameHypercalls } from './hypercalls.ts';
import type { KernelTrace } from './kprobes.ts';
import { findVfs, plainDevices } from './lspci.ts';
import type { LspciDevice } from './lspci-text.ts';
import { importMachine } from './machine.ts';
import { catchUp } from './mid-run.ts';
import { presenceOf } from './presence.ts';
import { problemAt } from './problems.ts';
import type { Recorded } from './record.ts';
import type { Content } from './sources.ts';
import type { ResourceRows } from './sysfs-resource.ts';

/** A run put together from all that was recorded of it. */
export interface Recording {
  readonly machine: PlainMachine;
  readonly events: readonly TraceEvent[];
  /** What Xen calls itself, such as `4.20.4-pre`; undefined: no console. */
  readonly xen: string | undefined;
  readonly counts: RecordingCounts;
  /** What was guessed or is doubtful. */
  readonly notes: readonly Problem[];
}

export interface RecordingCounts {
  /** Where accesses come from. */
  readonly accessesFrom: string;
  readonly configAccesses: number;
  readonly memoryAccesses: number;
  readonly hypercalls: number;
  readonly mappedRanges: number;
  /** Accesses of the hardware log, how many were found in the record, and writes that stand for themselves. */
  readonly hardware: { readonly accesses: number; readonly paired: number; readonly writes: number } | undefined;
  readonly sizes: FromXentrace['sizes'] | undefined;
  /** Accesses of the kernel that xentrace does not have. */
  readonly missing: number;
  readonly elsewhere: number;
  readonly named: HypercallCounts | undefined;
  readonly comingAndGoing: number;
  /** Events that the recorders of accesses lost. */
  readonly lost: number;
}

/** The contents of all files of a run, by kind. */
class Contents {
  readonly #contents: readonly Content[];

  constructor(contents: readonly Content[]) {
    this.#contents = contents;
  }

  all<K extends Content['kind']>(kind: K): readonly Extract<Content, { kind: K }>[] {
    return this.#contents.filter((one): one is Extract<Content, { kind: K }> => one.kind === kind);
  }

  /** Of consoles the one that says most: others are parts of it, as a ring that ran full. */
  get console(): Extract<Content, { kind: 'console' }> | undefined {
    const size = ({ facts, log }: Extract<Content, { kind: 'console' }>): number =>
      facts.length + (log?.events.length ?? 0);
    return [...this.all('console')].sort((a, b) => size(b) - size(a))[0];
  }

  /** Facts of the fullest console; the vPCI log and that of dom0 may be files of their own. */
  get facts(): readonly ConsoleFact[] {
    const facts = [...this.all('console')].sort((a, b) => b.facts.length - a.facts.length)[0]?.facts ?? [];
    const [dom0] = this.all('dom0-log');
    return dom0 === undefined || facts.some(({ kind }) => kind === 'dom0-log') ? facts : withDom0Log(facts, dom0.log);
  }

  get log(): Extract<Content, { kind: 'console' }>['log'] {
    return this.console?.log;
  }
}

const ALL_ONES = 0xffffffff;
const CLASS_REGISTER = 8;

/** A dump of a device that was gone by then: all bits read as 1. The vendor ID alone does in any VF. */
const isGone = ({ image }: LspciDevice): boolean =>
  dwordAt(image, 0) === ALL_ONES && dwordAt(image, CLASS_REGISTER) === ALL_ONES;

/** Of several dumps of one device the first that has it. */
const firstOfEach = (dumps: Iterable<LspciDevice>): readonly LspciDevice[] => {
  const devices = new Map<Sbdf, LspciDevice>();
  for (const device of dumps) if (!devices.has(device.sbdf) && !isGone(device)) devices.set(device.sbdf, device);
  return [...devices.values()];
};

const firstRows = (rows: Iterable<ResourceRows>): ResourceRows => {
  const merged = new Map<Sbdf, ResourceRows extends ReadonlyMap<Sbdf, infer R> ? R : never>();
  for (const one of rows) for (const [sbdf, its] of one) if (!merged.has(sbdf)) merged.set(sbdf, its);
  return merged;
};

/** Accesses and hypercalls of the kernel's probes alone. */
const stepsOfKernel = (kernel: KernelTrace): readonly (Recorded | HypercallMark)[] =>
  kernel.events.flatMap((event): (Recorded | HypercallMark)[] => {
    const { line, time } = event;
    const actor = { dom: 'd0', vcpu: 0 };
    if (event.kind === 'notification')
      return event.action === 'add' || event.action === 'delete'
        ? [{ kind: 'mark', line, time, ...actor, name: event.name, action: event.action === 'add' ? 'add' : 'remove' }]
        : [];
    if (event.failed) return [];
    const { path, write, sbdf, reg, size, value } = event;
    return [
      { kind: 'config', line, time, ...actor, path, write, sbdf, reg, size, value: BigInt(value), inferred: false },
    ];
  });

/** What happened, in order, from the best source that there is. */
interface Story {
  readonly from: string;
  /** Whether it begins before dom0 does anything. */
  readonly fromBoot: boolean;
  readonly events: readonly Recorded[];
  readonly named: HypercallCounts | undefined;
  readonly xentrace: FromXentrace | undefined;
}

const tell = (contents: Contents, known: KnownDevices): Story | undefined => {
  const { facts, log } = contents;
  if (log !== undefined)
    return { from: 'the vPCI log', fromBoot: true, events: log.events, named: undefined, xentrace: undefined };
  const [xentrace] = contents.all('xentrace');
  const [kernel] = contents.all('kprobes');
  const name = (from: string, steps: readonly (Recorded | HypercallMark)[], via?: FromXentrace): Story => {
    const { events, counts } = nameHypercalls(steps, facts, known);
    // Devices that the console saw added have to have been added in a record that begins with the boot.
    return { from, fromBoot: counts.unplaced === 0, events, named: counts, xentrace: via };
  };
  if (xentrace !== undefined) {
    const widths = new Map([...known.devices].map(([sbdf, device]) => [sbdf, naturalWidths(device)]));
    const result = fromXentrace(xentrace.trace, {
      ...{ facts, kernel: kernel?.trace, commands: contents.all('steps').flatMap(({ steps }) => steps.accesses) },
      widthOf: (sbdf, reg) => widths.get(sbdf)?.get(reg),
    });
    return name('xentrace', result.steps, result);
  }
  if (kernel !== undefined) return { ...name('kernel probes', stepsOfKernel(kernel.trace)), fromBoot: false };
  const [mmio] = contents.all('mmiotrace');
  if (mmio !== undefined)
    return { from: 'mmiotrace', fromBoot: false, events: mmio.trace.events, named: undefined, xentrace: undefined };
  return undefined;
};

const lostOf = (contents: Contents): number => {
  const counts = [
    ...contents.all('xentrace').map(({ trace }) => trace.lost),
    ...contents.all('kprobes').map(({ trace }) => trace.lostEvents),
    ...contents.all('mmiotrace').map(({ trace }) => trace.lost),
  ];
  return counts.reduce((sum, lost) => sum + lost, 0);
};

/** Kinds of which a run has one file. */
const SINGLE: readonly (readonly [Content['kind'], string])[] = [
  ['xentrace', 'of xentrace'],
  ['kprobes', 'of kernel probes'],
  ['dom0-log', "of dom0's log"],
  ['qemu', 'of a QEMU trace'],
  ['mmiotrace', 'of mmiotrace'],
];

const refuse = (message: string): { readonly ok: false; readonly problems: readonly Problem[] } => ({
  ok: false,
  problems: [problemAt(undefined, message)],
});

/** Puts the sources of one run together: a machine, and a trace of all that can be told of it. */
export const assembleRecording = (given: readonly Content[]): Parsed<Recording> => {
  const contents = new Contents(given);
  for (const [kind, what] of SINGLE)
    if (contents.all(kind).length > 1) return refuse(`several files ${what}; expected the files of one run`);
  const { facts } = contents;
  const [qemu] = contents.all('qemu');
  const mapped = qemu?.log.barSizes ?? new Map();
  const notes: Problem[] = [];
  const dumps = firstOfEach(contents.all('lspci').flatMap(({ devices }) => devices));
  const resources = firstRows(contents.all('resource').map(({ rows }) => rows));
  const vfs = findVfs(dumps);
  const dumped: readonly PlainDevice[] = plainDevices(dumps, resources, mapped, notes, vfs);
  const known: KnownDevices = { devices: new Map(dumped.map((one) => [one.sbdf, one])), vfs };
  const story = tell(contents, known);
  if (story === undefined && dumped.length === 0)
    return refuse('neither accesses nor devices: expected lspci, or a log of xentrace, kernel probes or vPCI');
  const events = story?.events ?? [];
  const hardware = qemu?.log.accesses ?? [];
  const placed = placeInRecord(events, hardware);
  const presence = presenceOf(events);
  const before = hardware.filter((_, index) => (placed.after[index] ?? 0) < 0);
  const { machine, notes: machineNotes } = importMachine({
    ...{ dumped, vfs, facts, mapped, before, hardware, events, presence },
  });
  const own = new Set(machine.devices.filter(({ presentWith }) => presentWith === undefined).map(({ sbdf }) => sbdf));
  const changes = presence.changes.filter(({ sbdf }) => own.has(sbdf));
  const boot = bootRows(facts, machine);
  const start = story?.fromBoot === false ? [...boot, ...catchUp(machine.devices)] : boot;
  const rows = story === undefined ? [] : combine(start, events, changes, hardware, placed);
  const numbered = [...rows].map((one, index): TraceEvent => ({ ...one, seq: index + 1 }));
  const version = facts.find((fact) => fact.kind === 'version');
  const countOf = (kind: Recorded['kind']): number => events.filter((event) => event.kind === kind).length;
  return {
    ok: true,
    value: {
      ...{ machine, events: numbered, notes: [...notes, ...machineNotes] },
      xen: version?.kind === 'version' ? version.release : undefined,
      counts: {
        ...{ accessesFrom: story?.from ?? 'nothing', configAccesses: countOf('config') },
        ...{ memoryAccesses: countOf('memory'), hypercalls: countOf('hypercall'), mappedRanges: countOf('mapped') },
        hardware:
          qemu === undefined
            ? undefined
            : {
                accesses: hardware.length,
                paired: placed.paired,
                writes: hardware.filter(({ write }) => write).length,
              },
        ...{ sizes: story?.xentrace?.sizes, missing: story?.xentrace?.missing ?? 0 },
        ...{ elsewhere: story?.xentrace?.elsewhere ?? 0, named: story?.named, comingAndGoing: changes.length },
        lost: lostOf(contents),
      },
    },
  };
};
