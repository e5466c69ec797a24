// SPDX-License-Identifier: GPL-2.0-only
import type { AccessLog } from '../engine/machine/hardware.ts';
import type { ResultLine } from '../engine/state/result.ts';
import type { Timeline } from '../engine/timeline/timeline.ts';
import { type DecodedTrace, decodeWhole, type TraceDecoder } from '../engine/trace/decoder.ts';
import type { Registry, TraceEvent, TraceHeader } from '../engine/trace/operation.ts';
import type { Parsed } from '../engine/trace/problem.ts';
import { csvRowLines, jsonRowLines } from '../engine/trace/row-lines.ts';
import type { Trail } from '../engine/xen/state.ts';
import { fileSizeBytes, readBytes, sha256 } from './files.ts';
import { fault, type Loaded } from './input-problem.ts';
import { type Machine, type Machines, makeMachines } from './machines.ts';
import { formatNamed, formatOf, TRACE_EXTENSIONS, type TraceFormat } from './trace-format.ts';
import { InputFault, type OnProgress, TraceStream } from './trace-stream.ts';

export { formatProblem, type Loaded } from './input-problem.ts';

/** A release, a guest or a proposal that a trace can be replayed under. */
export interface Choice {
  /** As the user names it. */
  readonly name: string;
  /** `logging`: which accesses to hardware are part of the answers. `trail`: told of every rule that decides. */
  replay(
    setup: { readonly machine: Machine; readonly logging: AccessLog; readonly trail?: Trail },
    events: Iterable<TraceEvent>,
  ): Iterable<ResultLine>;
  /** The same event by event, for pictures. */
  timeline(trace: Pick<LoadedTrace, 'machine' | 'events'>): Timeline;
}

export interface DecoderOptions {
  /** A recording that was cut off is taken for what is there. */
  readonly allowTruncated: boolean;
}

/** All that the command line asks of the engine; `model.ts` has the real one. */
export interface Model {
  readonly registry: Registry;
  /** Lines of releases, each oldest first. The first is Xen's, which applies to a trace that says nothing else. */
  readonly series: readonly (readonly Choice[])[];
  /** In the order of their declaration. */
  readonly proposals: readonly Choice[];
  /** `release` with `proposals` added. Fails if one of them does not go with the release. */
  combine(release: Choice, proposals: readonly string[]): Parsed<Choice>;
  decoder(format: TraceFormat, options: DecoderOptions): TraceDecoder;
  parseMachine(text: string): Parsed<Machine>;
  /** What is wrong with the trace, if that is why a replay threw `error`; undefined: a defect. */
  faultOf(error: unknown): { readonly message: string; readonly seq: number | undefined } | undefined;
}

export interface LoadedTrace {
  /** As given. */
  readonly path: string;
  readonly digest: string;
  readonly header: TraceHeader;
  readonly events: readonly TraceEvent[];
  readonly machine: Machine;
  /** The machine's file, or the trace that holds it. */
  readonly machinePath: string;
  readonly machineText: string;
  readonly machineDigest: string;
  /** The line on which the event with this index begins; undefined: the format has no lines. */
  lineOf(index: number): number | undefined;
}

/** Larger files are refused before they are read. */
export const MAX_TRACE_BYTES = 256 * 2 ** 20;

/** Larger files are replayed while they are read. */
const STREAMED_FROM_BYTES = 2 ** 20;

/** A trace file without its machine. */
interface ReadTrace {
  readonly bytes: Uint8Array;
  readonly format: TraceFormat;
  readonly decoded: DecodedTrace;
}

/** A trace to be replayed from its first event to its last, which need not fit in memory. */
export interface OpenTrace extends Omit<LoadedTrace, 'digest' | 'events' | 'header'> {
  /** Of a trace that is read while it is replayed: as far as it has been read. */
  readonly header: TraceHeader;
  /** Iterating may throw {@link InputFault} where `whole` is undefined. */
  readonly events: Iterable<TraceEvent>;
  /** All of them, of a trace that has been read and checked. */
  readonly whole: readonly TraceEvent[] | undefined;
  digest(): string;
}

export interface OpenOptions extends ReadOptions {
  readonly onProgress?: OnProgress;
}

export interface ReadOptions {
  /** Whatever the name says. */
  readonly format?: TraceFormat | undefined;
  readonly allowTruncated?: boolean;
}

/** A trace without its machine, whose events need not fit in memory. */
interface TraceEvents {
  readonly header: TraceHeader;
  readonly events: Iterable<TraceEvent>;
}

/** Loads traces and their machines. Machines are kept, since many traces share one. */
export interface Session {
  readonly model: Model;
  /** Without the machine that it names. */
  readTrace(path: string, options?: ReadOptions): Loaded<ReadTrace>;
  /** The same, checked to its end, of a file of any size: a large one is read anew for each iteration of its events. */
  readEvents(path: string, options?: OpenOptions): Loaded<TraceEvents>;
  loadTrace(path: string, machineOverride?: string, options?: ReadOptions): Loaded<LoadedTrace>;
  /** Reads and checks a trace up to {@link STREAMED_FROM_BYTES}; a larger file is read when its events are asked for. */
  openTrace(path: string, machineOverride?: string, options?: OpenOptions): Loaded<OpenTrace>;
  loadMachine(path: string): Loaded<Machine>;
}

/** A trace without its machine. */
const readTraceOf = (model: Model, path: string, options: ReadOptions): Loaded<ReadTrace> => {
  const bytes = readBytes(path, MAX_TRACE_BYTES);
  if (!bytes.ok) return fault(path, bytes.message);
  const format = options.format ?? formatOf(path, bytes.value);
  if (format === undefined)
    return fault(path, `is no trace by its name; expected .${TRACE_EXTENSIONS.join(', .')}, or - for stdin`);
  const decoder = model.decoder(format, { allowTruncated: options.allowTruncated ?? false });
  const decoded = decodeWhole(decoder, bytes.value);
  if (!decoded.ok) return { ok: false, problems: decoded.problems.map((problem) => ({ ...problem, file: path })) };
  return { ok: true, value: { bytes: bytes.value, format, decoded: decoded.value } };
};

/** Where events are in a trace without faults; in protobuf nowhere. It is found out when the first one is asked for. */
const lineFinder = (format: TraceFormat, bytes: Uint8Array): LoadedTrace['lineOf'] => {
  if (format === 'protobuf') return () => undefined;
  let lines: readonly number[] | undefined;
  return (index) => {
    lines ??= (format === 'csv' ? csvRowLines : jsonRowLines)(new TextDecoder().decode(bytes));
    return lines[index];
  };
};

/** A file that is to be read while it is replayed; undefined: it is small, or no file, and is to be read at once. */
const streamOf = (model: Model, path: string, options: OpenOptions): TraceStream | undefined => {
  const format = options.format ?? formatNamed(path);
  if (path === '-' || format === undefined) return undefined;
  if ((fileSizeBytes(path) ?? 0) <= STREAMED_FROM_BYTES) return undefined;
  const decoder = (): TraceDecoder => model.decoder(format, { allowTruncated: options.allowTruncated ?? false });
  return new TraceStream(path, decoder, options.onProgress ?? (() => undefined));
};

/** The header of a stream: as it is where its first event is, or, `checked` to the end, as it is there. */
const headerOf = (stream: TraceStream, checked = false): Loaded<TraceHeader> => {
  try {
    for (const _event of stream) if (!checked) break;
  } catch (error) {
    if (error instanceof InputFault) return { ok: false, problems: error.problems };
    throw error;
  }
  if (stream.header === undefined) throw new Error('a trace without faults has a header');
  return { ok: true, value: stream.header };
};

/** Of a file that was too large to be kept: it is read again, unless it is larger than what is read whole. */
const lineFinderOf = (path: string, format: TraceFormat | undefined): LoadedTrace['lineOf'] => {
  if (format === undefined) return () => undefined;
  return (index) => {
    const bytes = readBytes(path, MAX_TRACE_BYTES);
    return bytes.ok ? lineFinder(format, bytes.value)(index) : undefined;
  };
};

const openStream = (
  machines: Machines,
  path: string,
  stream: TraceStream,
  machineOverride: string | undefined,
  options: OpenOptions,
): Loaded<OpenTrace> => {
  const header = headerOf(stream);
  if (!header.ok) return header;
  const loaded = machines.of(path, header.value, machineOverride);
  if (!loaded.ok) return loaded;
  const { machine, path: machinePath, text: machineText, digest: machineDigest } = loaded.value;
  return {
    ok: true,
    value: {
      ...{ path, events: stream, whole: undefined, machine, machinePath, machineText, machineDigest },
      digest: () => stream.digest(),
      lineOf: lineFinderOf(path, options.format ?? formatNamed(path)),
      get header() {
        return stream.header ?? header.value;
      },
    },
  };
};

export const makeSession = (model: Model): Session => {
  const machines = makeMachines(model.parseMachine);
  const loadTrace: Session['loadTrace'] = (path, machineOverride, options = {}) => {
    const read = readTraceOf(model, path, options);
    if (!read.ok) return read;
    const { bytes, format, decoded } = read.value;
    const { header, events } = decoded;
    const loaded = machines.of(path, header, machineOverride);
    if (!loaded.ok) return loaded;
    const { machine, path: machinePath, text: machineText, digest: machineDigest } = loaded.value;
    return {
      ok: true,
      value: {
        ...{ path, digest: sha256(bytes), header, events, machine, machinePath, machineText, machineDigest },
        lineOf: lineFinder(format, bytes),
      },
    };
  };
  return {
    model,
    loadTrace,
    openTrace: (path, machineOverride, options = {}) => {
      const stream = streamOf(model, path, options);
      if (stream !== undefined) return openStream(machines, path, stream, machineOverride, options);
      const loaded = loadTrace(path, machineOverride, options);
      if (!loaded.ok) return loaded;
      const { events, digest } = loaded.value;
      return { ok: true, value: { ...loaded.value, whole: events, digest: () => digest } };
    },
    loadMachine: (path) => {
      const loaded = machines.load(path);
      return loaded.ok ? { ok: true, value: loaded.value.machine } : loaded;
    },
    readTrace: (path, options = {}) => readTraceOf(model, path, options),
    readEvents: (path, options = {}) => {
      const stream = streamOf(model, path, options);
      if (stream === undefined) {
        const read = readTraceOf(model, path, options);
        return read.ok ? { ok: true, value: read.value.decoded } : read;
      }
      const header = headerOf(stream, true);
      return header.ok ? { ok: true, value: { header: header.value, events: stream } } : header;
    },
  };
};
