// SPDX-License-Identifier: GPL-2.0-only
import type { Registry, TraceEvent } from '../trace/operation.ts';
import { describeEvent } from './event-facts.ts';
import { diffSequences } from './sequences.ts';

/** Rows of two traces side by side, by index; a row that only one of them has stands alone. */
export interface AlignedRow {
  readonly a: number | undefined;
  readonly b: number | undefined;
}

/** Which rows of two traces are the same: as many as can be, in order. */
export const alignEvents = (
  a: readonly TraceEvent[],
  b: readonly TraceEvent[],
  registry: Registry,
): readonly AlignedRow[] => {
  const textsOf = (events: readonly TraceEvent[]): readonly string[] =>
    events.map((event) => describeEvent(event, registry));
  const changes = diffSequences(textsOf(a), textsOf(b));
  const rows: AlignedRow[] = [];
  let [nextA, nextB] = [0, 0];
  for (const { removed, added, value } of changes)
    for (const _one of value) rows.push({ a: added ? undefined : nextA++, b: removed ? undefined : nextB++ });
  return rows;
};
