// SPDX-License-Identifier: GPL-2.0-only
import type { ResultLine } from '../state/result.ts';
import type { ArgsOf, FieldSet } from '../trace/field.ts';
import type { Declaration } from '../trace/operation.ts';
import type { World } from '../xen/state.ts';

/** What an operation answers: the part of a result line that is its own. */
export type Outcome = Omit<ResultLine, 'seq' | 'final' | 'hw' | 'undefined'>;

/** An operation of a trace: what it is called, which fields it has, and what it does to the model. */
export interface Operation<F extends FieldSet = FieldSet> extends Declaration<F> {
  /** undefined: the operation has nothing to answer. */
  run(world: World, args: ArgsOf<F>): Outcome | undefined;
}

/** Declares an operation; the types of its arguments follow from its fields. */
export const operation = <F extends FieldSet>(declared: Operation<F>): Operation<F> => declared;
