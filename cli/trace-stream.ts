// SPDX-License-Identifier: GPL-2.0-only
import type { TraceDecoder } from '../engine/trace/decoder.ts';
import type { TraceEvent, TraceHeader } from '../engine/trace/operation.ts';
import type { Problem } from '../engine/trace/problem.ts';
import { openPieces, sha256Of } from './files.ts';
import { fault, type InputProblem } from './input-problem.ts';
import { holdYoungGeneration } from './young-generation.ts';

/** Thrown where a file that is replayed while it is read turns out to be wrong. */
export class InputFault {
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    this.problems = problems;
  }
}

/** Told, from time to time, how much of a file has been read. */
export type OnProgress = (doneBytes: number, sizeBytes: number, events: number) => void;

/**
 * Small, so that the events of one piece are gone before memory is tidied up; those that are there then move to where
 * tidying up is rare. Larger pieces are only quicker by little.
 */
const PIECE_BYTES = 16_384;

function* piecesOf(path: string, onProgress: (doneBytes: number, sizeBytes: number) => void): Generator<Uint8Array> {
  const opened = openPieces(path, PIECE_BYTES);
  if (!opened.ok) throw new InputFault(fault(path, opened.message).problems);
  const reader = opened.value;
  try {
    let done = 0;
    for (;;) {
      const piece = reader.read();
      if (!piece.ok) throw new InputFault(fault(path, piece.message).problems);
      if (piece.value === undefined) return;
      done += piece.value.length;
      holdYoungGeneration();
      yield piece.value;
      onProgress(done, reader.sizeBytes);
    }
  } finally {
    reader.close();
  }
}

/** The events of batches; quicker than a generator that every event would go through. */
class OneByOne implements Iterator<TraceEvent, undefined> {
  readonly #batches: Generator<readonly TraceEvent[]>;
  #batch: readonly TraceEvent[] = [];
  #next = 0;

  constructor(batches: Generator<readonly TraceEvent[]>) {
    this.#batches = batches;
  }

  next(): IteratorResult<TraceEvent, undefined> {
    for (;;) {
      const event = this.#batch[this.#next];
      if (event !== undefined) {
        this.#next += 1;
        return { done: false, value: event };
      }
      const { done, value } = this.#batches.next();
      if (done) return { done, value: undefined };
      this.#batch = value;
      this.#next = 0;
    }
  }

  return(): IteratorResult<TraceEvent, undefined> {
    this.#batches.return(undefined);
    this.#batch = [];
    return { done: true, value: undefined };
  }
}

/**
 * The events of a trace file, read anew by every iteration; nothing of them is kept. An iteration throws
 * {@link InputFault} with all that is wrong with the file, before the events of the piece that has the first fault.
 */
export class TraceStream implements Iterable<TraceEvent> {
  readonly #path: string;
  readonly #decoder: () => TraceDecoder;
  readonly #onProgress: OnProgress;
  #header: TraceHeader | undefined;

  constructor(path: string, decoder: () => TraceDecoder, onProgress: OnProgress) {
    this.#path = path;
    this.#decoder = decoder;
    this.#onProgress = onProgress;
  }

  /** As far as it has been read: what a recording's end says is known after a whole iteration. */
  get header(): TraceHeader | undefined {
    return this.#header;
  }

  /** SHA-256 of the file in hex. */
  digest(): string {
    return sha256Of(piecesOf(this.#path, () => undefined));
  }

  [Symbol.iterator](): Iterator<TraceEvent> {
    return new OneByOne(this.#batches());
  }

  *#batches(): Generator<readonly TraceEvent[]> {
    const decoder = this.#decoder();
    let count = 0;
    const pieces = piecesOf(this.#path, (done, size) => this.#onProgress(done, size, count));
    for (const piece of pieces) {
      const events = decoder.push(piece);
      this.#check(decoder, pieces);
      count += events.length;
      yield events;
    }
    const last = decoder.end();
    this.#check(decoder, pieces);
    yield last;
  }

  /** After a fault the rest is read too, for all that is wrong with it. */
  #check(decoder: TraceDecoder, rest: Iterable<Uint8Array>): void {
    this.#header = decoder.header ?? this.#header;
    if (decoder.problems.length === 0) return;
    for (const piece of rest) decoder.push(piece);
    decoder.end();
    const inFile = (problem: Problem): InputProblem => ({ ...problem, file: this.#path });
    throw new InputFault(decoder.problems.map(inFile));
  }
}
