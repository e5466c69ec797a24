// SPDX-License-Identifier: GPL-2.0-only

import { type ConfigImage, dwordAt } from '../machine/config-dump.ts';
import { or } from '../num/bits.ts';

/** A place in a dump that a rule looks at: the whole image, and where the structure starts. */
export interface StructureAt {
  readonly image: ConfigImage;
  readonly base: number;
}

type Mask = number | ((at: StructureAt) => number);

/**
 * How one dword of a structure reacts to writes according to its specification: 16-bit neighbours share a rule, the
 * one at the lower address in bits 15:0.
 */
export interface RegisterRule {
  /** The specification's names. */
  readonly name: string;
  /** From the start of the structure, a multiple of 4. */
  readonly offset: number;
  readonly writable?: Mask;
  readonly writeOneToClear?: Mask;
  /** Absent: always there. */
  readonly when?: (at: StructureAt) => boolean;
}

/** Masks being collected, by dword offset. */
export interface Masks {
  readonly writable: Map<number, number>;
  readonly writeOneToClear: Map<number, number>;
}

/** The dword `offset` bytes into the structure. */
export const field = (at: StructureAt, offset: number): number => dwordAt(at.image, at.base + offset);

export const addMask = (masks: Map<number, number>, offset: number, mask: number): void => {
  if (mask !== 0) masks.set(offset, or(masks.get(offset) ?? 0, mask));
};

const maskOf = (mask: Mask | undefined, at: StructureAt): number =>
  typeof mask === 'function' ? mask(at) : (mask ?? 0);

/** Adds what the rules say of the structure; registers beyond the dump are left out. */
export const applyRules = (rules: readonly RegisterRule[], at: StructureAt, masks: Masks): void => {
  for (const rule of rules) {
    const offset = at.base + rule.offset;
    if (offset + 4 > at.image.sizeBytes || !(rule.when?.(at) ?? true)) continue;
    addMask(masks.writable, offset, maskOf(rule.writable, at));
    addMask(masks.writeOneToClear, offset, maskOf(rule.writeOneToClear, at));
  }
};
