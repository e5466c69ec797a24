// SPDX-License-Identifier: GPL-2.0-only

/**
 * Guest and machine frame numbers: 4 KiB frames of a 64-bit address space, so at most 52 bits and exact in a number.
 * `gfn()` and `mfn()` assert that bound, since a frame beyond it is a defect of the caller.
 */
export type Gfn = number & { readonly brand: 'Gfn' };
export type Mfn = number & { readonly brand: 'Mfn' };

export const MAX_FRAME = 2 ** 52 - 1;
export const PAGE_SIZE_BYTES = 4096;

const assertFrame = (value: number): void => {
  if (!(value >= 0 && value <= MAX_FRAME)) throw new RangeError(`no frame number: ${value}`);
};

export const gfn = (value: number): Gfn => {
  assertFrame(value);
  return value as Gfn;
};

export const mfn = (value: number): Mfn => {
  assertFrame(value);
  return value as Mfn;
};
