// SPDX-License-Identifier: GPL-2.0-only
import type { LoadedMachine as MachineFile } from '../engine/machine/load.ts';
import type { ModelMachine } from '../engine/state/model-world.ts';
import type { ResultLine } from '../engine/state/result.ts';
import type { Timeline } from '../engine/timeline/timeline.ts';
import type { DecodedTrace } from '../engine/trace/decoder.ts';
import type { Registry, TraceEvent, TraceHeader } from '../engine/trace/operation.ts';
import type { Parsed, Problem } from '../engine/trace/problem.ts';
import { csvRowLines, jsonRowLines } from '../engine/trace/row-lines.ts';
import type { Trail } from '../engine/xen/state.ts';
import { type FileResult, readBytes, resolveReference, sha256 } from './files.ts';

/** A release, a guest or a proposal that a trace can be replayed under. */
export interface Choice {
  /** As the user names it. */
  readonly name: string;
  /** `reads`: accesses that only read hardware are part of the answer too. `trail`: told of every rule that decides. */
  replay(
    setup: { readonly machine: Machine; readonly reads: boolean; readonly trail?: Trail },
    events: Iterable<TraceEvent>,
  ): Iterable<ResultLine>;
  /** The same event by event, for pictures. */
  timeline(trace: Pick<LoadedTrace, 'machine' | 'events'>): Timeline;
}

export type TraceFormat = 'csv' | 'json-lines';

/** All that the command line asks of the engine; `model.ts` has the real one. */
export interface Model {
  readonly registry: Registry;
  /** Lines of releases, each oldest first. The first is Xen's, which applies to a trace that says nothing else. */
  readonly series: readonly (readonly Choice[])[];
  /** In the order of their declaration. */
  readonly proposals: readonly Choice[];
  /** `release` with `proposals` added. Fails if one of them does not go with the release. */
  combine(release: Choice, proposals: readonly string[]): Parsed<Choice>;
  decode(format: TraceFormat, bytes: Uint8Array): Parsed<DecodedTrace>;
  parseMachine(text: string): Parsed<Machine>;
  /** What a rule says, in one sentence. */
  ruleSays(rule: string): string | undefined;
  /** What is wrong with the trace, if that is why a replay threw `error`; undefined: a defect. */
  faultOf(error: unknown): string | undefined;
}

export interface LoadedTrace {
  /** As given. */
  readonly path: string;
  readonly digest: string;
  readonly header: TraceHeader;
  readonly events: readonly TraceEvent[];
  readonly machine: Machine;
  readonly machinePath: string;
  readonly machineDigest: string;
  /** The line on which the event with this index begins; undefined: the format has no lines. */
  lineOf(index: number): number | undefined;
}

/** A fault in an input file; `file` as the user knows it. */
export interface InputProblem extends Problem {
  readonly file: string;
}

export type Loaded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** `file:line:column: message`, as compilers write it. */
export const formatProblem = (problem: InputProblem): string => {
  const file = problem.file === '-' ? '<stdin>' : problem.file;
  const place = [file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return `${place}: ${problem.message}\n`;
};

/** Larger files are refused before they are read. */
export const MAX_TRACE_BYTES = 256 * 2 ** 20;
export const MAX_MACHINE_BYTES = 16 * 2 ** 20;

const EXTENSIONS: ReadonlyMap<string, TraceFormat> = new Map([
  ['csv', 'csv'],
  ['ndjson', 'json-lines'],
  ['jsonl', 'json-lines'],
]);

/** Extensions of trace files, without the dot. */
export const TRACE_EXTENSIONS: readonly string[] = [...EXTENSIONS.keys()];

const extensionOf = (path: string): string => /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';

const OPENING_BRACE = 0x7b;

/** The format that a file's name says it has. */
export const formatNamed = (path: string): TraceFormat | undefined => EXTENSIONS.get(extensionOf(path));

/** By extension; stdin by its first character, since only JSON lines begin with a brace. */
const formatOf = (path: string, bytes: Uint8Array): TraceFormat | undefined =>
  path === '-' ? (bytes[0] === OPENING_BRACE ? 'json-lines' : 'csv') : formatNamed(path);

const fault = (file: string, message: string): { readonly ok: false; readonly problems: readonly InputProblem[] } => ({
  ok: false,
  problems: [{ file, line: undefined, column: undefined, message }],
});

/** A machine file as the model takes it, and as it can be written again. */
export type Machine = ModelMachine & MachineFile;

interface LoadedMachine {
  readonly machine: Machine;
  readonly digest: string;
}

/** A trace file without its machine. */
interface ReadTrace {
  readonly bytes: Uint8Array;
  readonly format: TraceFormat;
  readonly decoded: DecodedTrace;
}

/** Loads traces and their machines. Machines are kept, since many traces share one. */
export interface Session {
  readonly model: Model;
  /** Without the machine that it names. `format`: instead of what the name says. */
  readTrace(path: string, format?: TraceFormat): Loaded<ReadTrace>;
  loadTrace(path: string, machineOverride?: string): Loaded<LoadedTrace>;
  loadMachine(path: string): Loaded<Machine>;
}

/** A trace without its machine; `asked`: its format, whatever its name says. */
const readTraceOf = (model: Model, path: string, asked: TraceFormat | undefined): Loaded<ReadTrace> => {
  const bytes = readBytes(path, MAX_TRACE_BYTES);
  if (!bytes.ok) return fault(path, bytes.message);
  const format = asked ?? formatOf(path, bytes.value);
  if (format === undefined)
    return fault(path, `is no trace by its name; expected .${TRACE_EXTENSIONS.join(', .')}, or - for stdin`);
  const decoded = model.decode(format, bytes.value);
  if (!decoded.ok) return { ok: false, problems: decoded.problems.map((problem) => ({ ...problem, file: path })) };
  return { ok: true, value: { bytes: bytes.value, format, decoded: decoded.value } };
};

/** Where events are in a trace without faults. It is found out when the first one is asked for. */
const lineFinder = (format: TraceFormat, bytes: Uint8Array): LoadedTrace['lineOf'] => {
  let lines: readonly number[] | undefined;
  return (index) => {
    lines ??= (format === 'csv' ? csvRowLines : jsonRowLines)(new TextDecoder().decode(bytes));
    return lines[index];
  };
};

export const makeSession = (model: Model): Session => {
  const machines = new Map<string, Loaded<LoadedMachine>>();

  const readMachine = (path: string): Loaded<LoadedMachine> => {
    const bytes = readBytes(path, MAX_MACHINE_BYTES);
    if (!bytes.ok) return fault(path, bytes.message);
    const parsed = model.parseMachine(new TextDecoder().decode(bytes.value));
    if (!parsed.ok) return { ok: false, problems: parsed.problems.map((problem) => ({ ...problem, file: path })) };
    return { ok: true, value: { machine: parsed.value, digest: sha256(bytes.value) } };
  };

  const cachedMachine = (path: string): Loaded<LoadedMachine> => {
    const known = machines.get(path);
    if (known !== undefined) return known;
    const loaded = readMachine(path);
    machines.set(path, loaded);
    return loaded;
  };

  const machineOf = (path: string, header: TraceHeader, override: string | undefined): FileResult<string> => {
    if (override !== undefined) return { ok: true, value: override };
    if (header.machine !== undefined) return resolveReference(path === '-' ? 'stdin' : path, header.machine);
    return { ok: false, message: "names no machine; expected a line '# machine: FILE', or --machine FILE" };
  };

  return {
    model,
    loadMachine: (path) => {
      const loaded = cachedMachine(path);
      return loaded.ok ? { ok: true, value: loaded.value.machine } : loaded;
    },
    readTrace: (path, format) => readTraceOf(model, path, format),
    loadTrace: (path, machineOverride) => {
      const read = readTraceOf(model, path, undefined);
      if (!read.ok) return read;
      const { bytes, format, decoded } = read.value;
      const { header, events } = decoded;
      const machinePath = machineOf(path, header, machineOverride);
      if (!machinePath.ok) return fault(path, `machine: ${machinePath.message}`);
      const machine = cachedMachine(machinePath.value);
      if (!machine.ok) return machine;
      return {
        ok: true,
        value: {
          ...{ path, digest: sha256(bytes), header, events },
          ...{ machine: machine.value.machine, machinePath: machinePath.value, machineDigest: machine.value.digest },
          lineOf: lineFinder(format, bytes),
        },
      };
    },
  };
};
