// SPDX-License-Identifier: GPL-2.0-only

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40, P: 2 ** 50 };

/** Bytes of lspci's `[size=128K]`; undefined if the text has no such mark. */
export const sizeIn = (text: string): number | undefined => {
  const match = /\[size=(\d{1,9})([KMGTP]?)\]/.exec(text);
  if (match === null) return undefined;
  const sizeBytes = Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1);
  return sizeBytes > 0 && Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
};
