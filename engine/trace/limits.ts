// SPDX-License-Identifier: GPL-2.0-only

/** Characters of one line of a text trace (a CSV record, a JSON object), line end included. */
export const MAX_LINE_CHARS = 65_536;

/** Columns of a CSV trace. */
export const MAX_COLUMNS = 128;

/** `# key: value` lines of a CSV trace, keys of a JSON lines header. */
export const MAX_DIRECTIVES = 64;

/** Characters of a machine file that a trace holds itself. */
export const MAX_MACHINE_CHARS = 16 * 2 ** 20;

/** Bytes of one event of a protobuf trace, and of its other records but the header. */
export const MAX_EVENT_BYTES = 65_536;

/** Rows of a trace that is decoded as a whole; decoding as a stream has no limit. */
export const MAX_ROWS = 1_000_000;

/** Longer pieces of the input are worked on slice by slice, so that working memory stays small. In characters or bytes. */
export const SLICE_LENGTH = 65_536;

/** Longer texts are cut where an error message quotes them. */
export const MAX_QUOTED_CHARS = 60;
