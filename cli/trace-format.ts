// SPDX-License-Identifier: GPL-2.0-only

export const TRACE_FORMATS = ['csv', 'json-lines', 'protobuf'] as const;

export type TraceFormat = (typeof TRACE_FORMATS)[number];

const EXTENSIONS: ReadonlyMap<string, TraceFormat> = new Map([
  ['csv', 'csv'],
  ['ndjson', 'json-lines'],
  ['jsonl', 'json-lines'],
  ['pb', 'protobuf'],
]);

/** Extensions of trace files, without the dot. */
export const TRACE_EXTENSIONS: readonly string[] = [...EXTENSIONS.keys()];

const extensionOf = (path: string): string => /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';

const OPENING_BRACE = 0x7b;
const HEADER_TAG = 0x0a;
const VERSION_TAG = 0x08;

/** The format that a file's name says it has. */
export const formatNamed = (path: string): TraceFormat | undefined => EXTENSIONS.get(extensionOf(path));

/**
 * A protobuf trace begins with its header, that with the version (field 1): the tag 0x0a, a length of one to four bytes,
 * the tag 0x08, which is no character of a text.
 */
const looksLikeProtobuf = (bytes: Uint8Array): boolean =>
  bytes[0] === HEADER_TAG && bytes.subarray(2, 6).includes(VERSION_TAG);

/** By extension; stdin by its first bytes, since only JSON lines begin with a brace. */
export const formatOf = (path: string, bytes: Uint8Array): TraceFormat | undefined => {
  if (path !== '-') return formatNamed(path);
  if (looksLikeProtobuf(bytes)) return 'protobuf';
  return bytes[0] === OPENING_BRACE ? 'json-lines' : 'csv';
};
