// SPDX-License-Identifier: GPL-2.0-only

/**
 * Bytes that come in pieces, and are put together once there are as many as are needed. What is kept is a copy: whoever
 * gave a piece may use its memory again.
 */
export class ByteQueue {
  #pieces: Uint8Array[] = [];
  #length = 0;
  #needed = 1;

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  get length(): number {
    return this.#length;
  }

  /** All bytes in one piece, to be called after each push; undefined if fewer than needed are there. */
  take(): Uint8Array | undefined {
    if (this.#length < this.#needed) {
      const last = this.#pieces.pop();
      if (last !== undefined) this.#pieces.push(last.slice());
      return undefined;
    }
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) return first;
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  /** Puts back what was not used, until there are `needed` bytes. */
  keep(rest: Uint8Array, needed: number): void {
    this.#pieces = rest.length === 0 ? [] : [rest.slice()];
    this.#length = rest.length;
    this.#needed = needed;
  }
}
