// SPDX-License-Identifier: GPL-2.0-only

/** Bytes of a text that is imported: a console log of a boot has some megabytes. */
export const MAX_TEXT_BYTES = 128 * 2 ** 20;

/** Its lines: each costs some hundred bytes while it is worked on, however short it is. */
export const MAX_TEXT_LINES = 2_000_000;

/** Records of interest in an xentrace file: a boot of dom0 has some hundred thousand. */
export const MAX_XEN_RECORDS = 3_000_000;
