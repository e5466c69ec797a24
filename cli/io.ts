// SPDX-License-Identifier: GPL-2.0-only

/** The terminal and environment as commands see them; `main.ts` makes the real one. */
export interface Io {
  /** Data, to stdout; resolves when it is written, so that a slow reader slows the command down. */
  out(text: string): Promise<void>;
  /** True once nobody reads stdout any more. */
  outClosed(): boolean;
  /** Notes and faults, to stderr. */
  note(text: string): void;
  /** A line on stderr that the next one replaces; nothing unless stderr is a terminal. `''` clears it. */
  progress(text: string): void;
  /** Whether data may be coloured. */
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Output is handed over in pieces of about this many characters. */
export const CHUNK_LENGTH = 65_536;
