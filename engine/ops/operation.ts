// SPDX-License-Identifier: GPL-2.0-only

import type { ModelWorld } from '../state/model-world.ts';
import type { Answer } from '../state/result.ts';
import type { ArgsOf, FieldSet } from '../trace/field.ts';
import type { Declaration } from '../trace/operation.ts';

/** An operation of a trace: what it is called, which fields it has, and what it does to the model. */
export interface Operation<F extends FieldSet = FieldSet, N extends string = string> extends Declaration<F, N> {
  /** undefined: the operation has nothing to answer. */
  run(world: ModelWorld, args: ArgsOf<F>): Answer | undefined;
}

/** Declares an operation; the types of its arguments follow from its fields, and its name is part of its type. */
export const operation = <F extends FieldSet, const N extends string>(declared: Operation<F, N>): Operation<F, N> =>
  declared;
