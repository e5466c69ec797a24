// SPDX-License-Identifier: GPL-2.0-only
import type { TraceEvent } from '../engine/trace/operation.ts';

/** A trace's events on their way into a replay, up to number `until`; it knows the last one that went in. */
export class EventFeed implements Iterable<TraceEvent> {
  readonly #source: Iterator<TraceEvent>;
  readonly #until: number | undefined;
  #last: TraceEvent | undefined;

  constructor(events: Iterable<TraceEvent>, until: number | undefined) {
    this.#source = events[Symbol.iterator]();
    this.#until = until;
  }

  get last(): TraceEvent | undefined {
    return this.#last;
  }

  /** Whether event `until` has been reached. */
  get isAtEnd(): boolean {
    return this.#until !== undefined && this.#last?.seq === this.#until;
  }

  /** A replay that ends early leaves the rest where it is. */
  [Symbol.iterator](): Iterator<TraceEvent> {
    return { next: () => this.#next() };
  }

  /** Goes through what a replay that ended early has left, for what may be wrong with it. */
  finish(): void {
    while (!this.#next().done);
  }

  close(): void {
    this.#source.return?.();
  }

  #next(): IteratorResult<TraceEvent, undefined> {
    if (this.isAtEnd) return { done: true, value: undefined };
    const next = this.#source.next();
    if (next.done) return { done: true, value: undefined };
    this.#last = next.value;
    return next;
  }
}
