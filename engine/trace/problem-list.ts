// SPDX-License-Identifier: GPL-2.0-only
import { MAX_QUOTED_CHARS } from './limits.ts';
import { MAX_PROBLEMS_LISTED, type Problem } from './problem.ts';

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

  /** The listed ones in the order found and, if there are more, a last entry that says how many. */
  list(): readonly Problem[] {
    const more = this.#count - this.#listed.length;
    if (more === 0) return [...this.#listed];
    return [...this.#listed, { line: undefined, column: undefined, message: `and ${more} more` }];
  }
}

/** `text` in quotes for an error message, control characters escaped and the end cut off if it is long. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > MAX_QUOTED_CHARS ? `${text.slice(0, MAX_QUOTED_CHARS)}…` : text);
