// SPDX-License-Identifier: GPL-2.0-only
import { ENVELOPE, type Field } from './field.ts';
import { didYouMean } from './nearest.ts';
import { objectMaker } from './object-maker.ts';
import type { Declaration, Registry, TraceEvent } from './operation.ts';
import { type ProblemList, quoted } from './problem-list.ts';

/** Where a cell is in the file, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number | undefined;
}

/** Finds cell number `cell` of the row being decoded; undefined: the row as a whole. Only called for error messages. */
export type Locate = (cell: number | undefined) => Place;

/** A field and the cell that holds it (-1: this file has no such column), with the text parsed last and its value. */
interface Slot {
  readonly name: string;
  readonly field: Field<unknown>;
  readonly cell: number;
  lastText: string | undefined;
  lastValue: unknown;
}

/** How rows of one operation are decoded in one file. */
interface Plan {
  readonly declaration: Declaration;
  readonly args: readonly Slot[];
  /** Of one row's args; used again for the next. */
  readonly values: unknown[];
  readonly makeArgs: ReturnType<typeof objectMaker>;
  /** Cells that have to be empty. */
  readonly foreign: readonly number[];
  readonly seq: Slot | undefined;
  readonly time: Slot | undefined;
  readonly ret: Slot | undefined;
  readonly note: Slot | undefined;
}

/** Of one operation, found once for all files: small ones are over before their rows have paid for it. */
interface Shape {
  readonly fields: readonly (readonly [string, Field<unknown>])[];
  readonly names: ReadonlySet<string>;
  readonly makeArgs: ReturnType<typeof objectMaker>;
}

const SHAPES = new WeakMap<Declaration, Shape>();

const shapeOf = (declaration: Declaration): Shape => {
  const known = SHAPES.get(declaration);
  if (known !== undefined) return known;
  const fields = Object.entries(declaration.fields);
  const names = fields.map(([name]) => name);
  const shape: Shape = { fields, names: new Set(names), makeArgs: objectMaker(names) };
  SHAPES.set(declaration, shape);
  return shape;
};

const COLUMN_NAMES = new WeakMap<Registry, ReadonlySet<string>>();

/** Names of all fields that a trace of these operations may have, the operation's name first. */
export const columnNames = (registry: Registry): ReadonlySet<string> => {
  const known = COLUMN_NAMES.get(registry);
  if (known !== undefined) return known;
  const names = new Set(['op', ...Object.keys(ENVELOPE)]);
  for (const { fields } of registry.values()) for (const name of Object.keys(fields)) names.add(name);
  COLUMN_NAMES.set(registry, names);
  return names;
};

/** What to say of a number `seq` that is not above `last`; `given`: the row gave it, else it is the row's own. */
export const seqProblem = (seq: number, last: number, given: boolean): string =>
  given
    ? `seq: expected a number above ${last}, the row before has that; got ${seq}`
    : `seq: expected a number above ${last}, the row before has that; got none, which stands for row number ${seq}`;

const unknownOperation = (op: string, registry: Registry): string =>
  op === ''
    ? 'op: missing; expected the name of an operation'
    : `op: unknown operation ${quoted(op)}${didYouMean(op, registry.keys())}`;

export const superfluousField = (field: string, { name, fields }: Declaration): string => {
  const has = Object.keys(fields);
  return (
    `${field}: ${name} has no such field; expected nothing here ` +
    `(its fields: ${has.length === 0 ? 'none' : has.join(', ')})`
  );
};

/**
 * Turns rows of texts into events. The columns are the same for all rows, so which cell holds which field of an
 * operation is found out once per operation.
 */
export class EventDecoder {
  readonly #registry: Registry;
  readonly #columns: readonly (string | undefined)[];
  /** Which cell a column is. */
  readonly #cells = new Map<string, number>();
  readonly #problems: ProblemList;
  readonly #plans = new Map<string, Plan>();
  readonly #op: number;
  #row = 0;
  #lastSeq = 0;

  /** `columns`: a name per cell; undefined: a cell to ignore (its column has been reported). One has to be `op`. */
  constructor(registry: Registry, columns: readonly (string | undefined)[], problems: ProblemList) {
    this.#registry = registry;
    this.#columns = columns;
    this.#problems = problems;
    columns.forEach((name, cell) => {
      if (name !== undefined) this.#cells.set(name, cell);
    });
    this.#op = columns.indexOf('op');
  }

  /** A row that is there but cannot be decoded; it has a number all the same. */
  skip(): void {
    this.#row += 1;
  }

  /** The next row; an empty or missing cell means that the field is absent. undefined: problems were reported. */
  decode(cells: readonly (string | undefined)[], locate: Locate): TraceEvent | undefined {
    this.#row += 1;
    const before = this.#problems.count;
    const plan = this.#planOf(cells[this.#op] ?? '', locate);
    if (plan === undefined) return undefined;
    const { args, values } = plan;
    let at = 0;
    for (const slot of args) {
      const value = this.#take(slot, cells, locate);
      if (value === undefined && !slot.field.optional && !cells[slot.cell]) this.#missing(slot, plan, locate);
      values[at] = value;
      at += 1;
    }
    for (const cell of plan.foreign) if (cells[cell]) this.#superfluous(cell, plan, locate);
    const event = {
      seq: this.#takeSeq(plan.seq, cells, locate),
      op: plan.declaration.name,
      args: plan.makeArgs(values),
      time: this.#take(plan.time, cells, locate),
      ret: this.#take(plan.ret, cells, locate),
      note: this.#take(plan.note, cells, locate),
    };
    // The four envelope values were parsed by the fields of ENVELOPE.
    return this.#problems.count === before ? (event as TraceEvent) : undefined;
  }

  #report(cell: number | undefined, locate: Locate, message: () => string): void {
    this.#problems.add(() => ({ ...locate(cell), message: message() }));
  }

  #planOf(op: string, locate: Locate): Plan | undefined {
    const cached = this.#plans.get(op);
    if (cached !== undefined) return cached;
    const declaration = this.#registry.get(op);
    if (declaration === undefined) {
      this.#report(this.#op, locate, () => unknownOperation(op, this.#registry));
      return undefined;
    }
    const plan = this.#makePlan(declaration);
    this.#plans.set(op, plan);
    return plan;
  }

  #makePlan(declaration: Declaration): Plan {
    const { fields, names, makeArgs } = shapeOf(declaration);
    // A field of the operation's own has precedence over one of the envelope with the same name.
    const envelope = (name: keyof typeof ENVELOPE): Slot | undefined =>
      names.has(name) || !this.#cells.has(name) ? undefined : this.#slot(name, ENVELOPE[name]);
    const foreign: number[] = [];
    for (const [name, cell] of this.#cells)
      if (name !== 'op' && !names.has(name) && !Object.hasOwn(ENVELOPE, name)) foreign.push(cell);
    return {
      declaration,
      args: fields.map(([name, field]) => this.#slot(name, field)),
      values: new Array<unknown>(fields.length).fill(undefined),
      ...{ makeArgs, foreign },
      seq: envelope('seq'),
      time: envelope('time'),
      ret: envelope('ret'),
      note: envelope('note'),
    };
  }

  #slot(name: string, field: Field<unknown>): Slot {
    return { name, field, cell: this.#cells.get(name) ?? -1, lastText: undefined, lastValue: undefined };
  }

  /** undefined: absent, or reported. */
  #take(slot: Slot | undefined, cells: readonly (string | undefined)[], locate: Locate): unknown {
    if (slot === undefined || slot.cell < 0) return undefined;
    const text = cells[slot.cell];
    if (!text) return undefined;
    if (text === slot.lastText) return slot.lastValue;
    const value = slot.field.parse(text);
    if (value === undefined) {
      const { name, field, cell } = slot;
      this.#report(cell, locate, () => `${name}: expected ${field.expected}; got ${quoted(text)}`);
      return undefined;
    }
    slot.lastText = text;
    slot.lastValue = value;
    return value;
  }

  #takeSeq(slot: Slot | undefined, cells: readonly (string | undefined)[], locate: Locate): number {
    const given = this.#take(slot, cells, locate);
    const seq = typeof given === 'number' ? given : this.#row;
    if (seq <= this.#lastSeq) {
      const last = this.#lastSeq;
      this.#report(slot?.cell, locate, () => seqProblem(seq, last, given !== undefined));
    } else this.#lastSeq = seq;
    return seq;
  }

  #missing(slot: Slot, plan: Plan, locate: Locate): void {
    const noColumn = slot.cell < 0;
    this.#report(
      noColumn ? undefined : slot.cell,
      locate,
      () =>
        `${slot.name}: missing${noColumn ? ', there is no such column' : ''}; ` +
        `${plan.declaration.name} needs ${slot.field.expected}`,
    );
  }

  #superfluous(cell: number, plan: Plan, locate: Locate): void {
    this.#report(cell, locate, () => superfluousField(this.#columns[cell] ?? '', plan.declaration));
  }
}
