// SPDX-License-Identifier: GPL-2.0-only

/** Plain values, each listed once; those with equal JSON are equal. */
export class Interned<T> {
  readonly list: T[] = [];
  private readonly indices = new Map<string, number>();

  indexOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    this.indices.set(key, this.list.length);
    return this.list.push(value) - 1;
  }
}

/** What comes into, and goes from, a set of indices each time that it is told anew. */
export class Changes {
  private present: ReadonlySet<number> = new Set();

  to(indices: Iterable<number>): { readonly come: readonly number[]; readonly gone: readonly number[] } {
    const [before, now] = [this.present, new Set(indices)];
    this.present = now;
    return {
      come: [...now].filter((index) => !before.has(index)),
      gone: [...before].filter((index) => !now.has(index)),
    };
  }
}
