// SPDX-License-Identifier: GPL-2.0-only
import type { TraceEvent } from '../engine/trace/operation.ts';
import { formatProblem } from './input-problem.ts';
import type { Model } from './session.ts';

interface Replayed {
  readonly path: string;
  readonly events: Iterable<TraceEvent>;
  lineOf(index: number): number | undefined;
}

/** What is wrong with the trace, at its row, if that is why a replay threw `error`; undefined: a defect. */
export const replayFault = (model: Model, { path, events, lineOf }: Replayed, error: unknown): string | undefined => {
  const fault = model.faultOf(error);
  if (fault === undefined) return undefined;
  let index = 0;
  for (const { seq } of fault.seq === undefined ? [] : events) {
    if (seq === fault.seq) break;
    index += 1;
  }
  const line = fault.seq === undefined ? undefined : lineOf(index);
  return formatProblem({ file: path, line, column: line === undefined ? undefined : 1, message: fault.message });
};
