// SPDX-License-Identifier: GPL-2.0-only
import { dirname, join } from 'node:path';
import type { LoadedMachine as MachineFile } from '../engine/machine/load.ts';
import type { ModelMachine } from '../engine/state/model-world.ts';
import type { TraceHeader } from '../engine/trace/operation.ts';
import type { Parsed } from '../engine/trace/problem.ts';
import { type FileResult, readBytes, sha256 } from './files.ts';
import { directiveFault, fault, type Loaded } from './input-problem.ts';
import { resolveReference } from './reference.ts';

/** A machine file as the model takes it, and as it can be written again. */
export type Machine = ModelMachine & MachineFile;

export interface LoadedMachine {
  readonly machine: Machine;
  /** Its file, or the trace that holds it. */
  readonly path: string;
  readonly text: string;
  readonly digest: string;
}

/** Loads machines. Files are kept, since many traces share one. */
export interface Machines {
  load(path: string): Loaded<LoadedMachine>;
  /** The machine of a trace: another one that was asked for, its own, or the file that it names. */
  of(trace: string, header: TraceHeader, override: string | undefined): Loaded<LoadedMachine>;
}

const MAX_MACHINE_BYTES = 16 * 2 ** 20;

/** What messages call the machine that a trace holds itself. */
const embeddedIn = (trace: string): string => `${trace} (machine within the trace)`;

export const makeMachines = (parse: (text: string) => Parsed<Machine>): Machines => {
  const files = new Map<string, Loaded<LoadedMachine>>();
  /** Where references lead to, by the folder that they are in. */
  const targets = new Map<string, FileResult<string>>();

  const targetOf = (trace: string, reference: string): FileResult<string> => {
    const key = `${dirname(trace)}\0${reference}`;
    const target = targets.get(key) ?? resolveReference(trace, reference);
    targets.set(key, target);
    return target;
  };

  const parsed = (name: string, path: string, text: string, bytes: Uint8Array | string): Loaded<LoadedMachine> => {
    const machine = parse(text);
    if (machine.ok) return { ok: true, value: { machine: machine.value, path, text, digest: sha256(bytes) } };
    return { ok: false, problems: machine.problems.map((problem) => ({ ...problem, file: name })) };
  };

  const load = (path: string, shown = path): Loaded<LoadedMachine> => {
    const key = `${path}\0${shown}`;
    const known = files.get(key);
    if (known !== undefined) return known;
    const bytes = readBytes(path, MAX_MACHINE_BYTES);
    const loaded = bytes.ok
      ? parsed(shown, path, new TextDecoder().decode(bytes.value), bytes.value)
      : fault(shown, bytes.message);
    files.set(key, loaded);
    return loaded;
  };

  return {
    load: (path) => load(path),
    of: (trace, header, override) => {
      const { machine: reference, machineText } = header;
      if (override !== undefined) return load(override);
      if (machineText !== undefined) return parsed(embeddedIn(trace), trace, machineText, machineText);
      if (reference === undefined)
        return fault(trace, "machine: names no machine; expected a line '# machine: FILE', or --machine FILE");
      const file = targetOf(trace === '-' ? 'stdin' : trace, reference);
      if (file.ok) return load(file.value, join(dirname(trace), reference));
      return { ok: false, problems: [directiveFault(trace, header, 'machine', `machine: ${file.message}`)] };
    },
  };
};
