// SPDX-License-Identifier: GPL-2.0-only
import { MAX_QUOTED_CHARS } from './limits.ts';
import { MAX_PROBLEMS_LISTED, type Problem } from './problem.ts';

/** What has no place comes last. */
const inFileOrder = (a: Problem, b: Problem): number => {
  const [lineA, lineB] = [a.line ?? Number.MAX_SAFE_INTEGER, b.line ?? Number.MAX_SAFE_INTEGER];
  return lineA - lineB || (a.column ?? 0) - (b.column ?? 0);
};

/** Collects what is wrong with an input: the first {@link MAX_PROBLEMS_LISTED} are kept, the others counted. */
export class ProblemList {
  readonly #listed: Problem[] = [];
  #count = 0;

  /** The problem is only made if it will be listed: a hostile file has millions. */
  add(make: () => Problem): void {
    this.#count += 1;
    if (this.#listed.length < MAX_PROBLEMS_LISTED) this.#listed.push(make());
  }

  /** How many there are, listed or not. */
  get count(): number {
    return this.#count;
  }

  /** The listed ones in file order and, if there are more, a last entry that says how many. */
  list(): readonly Problem[] {
    const more = this.#count - this.#listed.length;
    const listed = [...this.#listed].sort(inFileOrder);
    if (more === 0) return listed;
    return [...listed, { line: undefined, column: undefined, message: `and ${more} more` }];
  }
}

/** `text` in quotes for an error message, control characters escaped and the end cut off if it is long. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > MAX_QUOTED_CHARS ? `${text.slice(0, MAX_QUOTED_CHARS)}…` : text);
