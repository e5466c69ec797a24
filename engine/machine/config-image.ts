// SPDX-License-Identifier: GPL-2.0-only
import { or, shiftLeft } from '../num/bits.ts';

/** A dword of a register layout: what it holds at reset, which bits a write changes and which it clears. */
export interface Row {
  /** The specification's name of what is in it. */
  readonly name: string;
  /** Bytes from the start of the header or capability; a multiple of 4. */
  readonly at: number;
  readonly value?: number;
  readonly writable?: number;
  readonly writeOneToClear?: number;
}

const sorted = (dwords: ReadonlyMap<number, number>): ReadonlyMap<number, number> =>
  new Map([...dwords].filter(([, value]) => value !== 0).sort(([a], [b]) => a - b));

/** Config space that is put together of rows. Rows that share a dword add up. */
export class ConfigImage {
  readonly #registers = new Map<number, number>();
  readonly #writable = new Map<number, number>();
  readonly #writeOneToClear = new Map<number, number>();

  /** `base`: offset of what the row belongs to. */
  put(base: number, { at, value, writable, writeOneToClear }: Row): void {
    const offset = base + at;
    add(this.#registers, offset, value);
    add(this.#writable, offset, writable);
    add(this.#writeOneToClear, offset, writeOneToClear);
  }

  /** One byte, all bits of it writable or none. */
  putByte(offset: number, value: number, writable: boolean): void {
    const shift = 8 * (offset % 4);
    const at = offset - (offset % 4);
    add(this.#registers, at, shiftLeft(value, shift));
    if (writable) add(this.#writable, at, shiftLeft(0xff, shift));
  }

  /** Replaces whole dwords. */
  replace(what: 'registers' | 'writable' | 'writeOneToClear', dwords: ReadonlyMap<number, number>): void {
    const target = { registers: this.#registers, writable: this.#writable, writeOneToClear: this.#writeOneToClear }[
      what
    ];
    for (const [offset, value] of dwords) target.set(offset, value);
  }

  /** Without the dwords that are 0, in ascending order. */
  dwords(): {
    readonly registers: ReadonlyMap<number, number>;
    readonly writable: ReadonlyMap<number, number>;
    readonly writeOneToClear: ReadonlyMap<number, number>;
  } {
    return {
      registers: sorted(this.#registers),
      writable: sorted(this.#writable),
      writeOneToClear: sorted(this.#writeOneToClear),
    };
  }
}

const add = (dwords: Map<number, number>, offset: number, value: number | undefined): void => {
  if (value !== undefined) dwords.set(offset, or(dwords.get(offset) ?? 0, value));
};
