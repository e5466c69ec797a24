// SPDX-License-Identifier: GPL-2.0-only
import { MAX_ROWS, SLICE_LENGTH } from './limits.ts';
import type { TraceEvent, TraceHeader } from './operation.ts';
import type { Parsed, Problem } from './problem.ts';

/** A piece of a trace as it was read; pieces may end anywhere, within a character too. */
export type Chunk = string | Uint8Array;

/** A decoder of one trace that is fed piece by piece. What it keeps does not grow with the trace. */
export interface TraceDecoder {
  /** The events that `chunk` completes. A row with a problem gives none. */
  push(chunk: Chunk): TraceEvent[];
  /** No more input: the events of what is left. */
  end(): TraceEvent[];
  /** undefined until the header has been read, and if it is wrong. */
  readonly header: TraceHeader | undefined;
  /** All found so far; if there is any, the trace is not to be trusted. */
  readonly problems: readonly Problem[];
}

export interface DecodedTrace {
  readonly header: TraceHeader;
  readonly events: readonly TraceEvent[];
}

/** `chunk` in slices of at most {@link SLICE_LENGTH}. */
export function* slices(chunk: Chunk): Generator<Chunk> {
  for (let start = 0; start < chunk.length; start += SLICE_LENGTH)
    yield typeof chunk === 'string'
      ? chunk.slice(start, start + SLICE_LENGTH)
      : chunk.subarray(start, start + SLICE_LENGTH);
}

/** Takes a whole trace, of {@link MAX_ROWS} rows at most, through `decoder`. */
export const decodeWhole = (decoder: TraceDecoder, input: Chunk | Iterable<Chunk>): Parsed<DecodedTrace> => {
  const chunks = typeof input === 'string' || input instanceof Uint8Array ? [input] : input;
  const events: TraceEvent[] = [];
  const collect = (more: TraceEvent[]): boolean => {
    for (const event of more) events.push(event);
    return events.length <= MAX_ROWS;
  };
  const feed = (): boolean => {
    for (const chunk of chunks) for (const slice of slices(chunk)) if (!collect(decoder.push(slice))) return false;
    return collect(decoder.end());
  };
  if (!feed()) {
    const message = `more than ${MAX_ROWS} rows; expected fewer, or split the trace`;
    return { ok: false, problems: [...decoder.problems, { line: undefined, column: undefined, message }] };
  }
  const { header, problems } = decoder;
  if (header === undefined || problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { header, events } };
};
