// SPDX-License-Identifier: GPL-2.0-only
import type { ArgsOf, ENVELOPE, FieldSet } from './field.ts';

/** What an operation is called and which fields it has: all that a decoder needs to know. */
export interface Declaration<F extends FieldSet = FieldSet, N extends string = string> {
  /** `group.name`, in the field's terms. */
  readonly name: N;
  /** One line for the reference page. */
  readonly summary: string;
  /** The hypercall, Xen function or specification section that it stands for. */
  readonly source: string;
  readonly fields: F;
}

/** All declarations by operation name. */
export type Registry = ReadonlyMap<string, Declaration>;

export type Envelope = ArgsOf<typeof ENVELOPE>;

/** One decoded row of a trace. `args` holds the parsed fields of its operation. */
export interface TraceEvent extends Omit<Envelope, 'seq'> {
  /** The row's number, counted from 1, unless the row gives another. */
  readonly seq: number;
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The `# key: value` lines in front of a CSV trace, or the header of another format. */
export interface TraceHeader {
  readonly version: number;
  readonly title: string | undefined;
  /** Reference to a machine file, relative to the trace. */
  readonly machine: string | undefined;
  /** The machine file itself, where the trace holds it: lines that all end in a line feed. */
  readonly machineText?: string;
  /** Further directives: those that say how the trace was recorded, then the others in file order. */
  readonly directives: Readonly<Record<string, string>>;
}
