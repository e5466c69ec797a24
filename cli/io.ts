// SPDX-License-Identifier: GPL-2.0-only

/** The terminal and environment as commands see them; `main.ts` makes the real one. */
export interface Io {
  /** Data, to stdout; resolves when it is written, so that a slow reader slows the command down. */
  out(data: string | Uint8Array): Promise<void>;
  /** True once nobody reads stdout any more. */
  outClosed(): boolean;
  /** Notes and faults, to stderr. */
  note(text: string): void;
  /** A line on stderr that the next one replaces; nothing unless stderr is a terminal. `''` clears it. */
  progress(text: string): void;
  /** Resolves when the user wants to end a command that goes on by itself: q on a terminal, or ctrl-c. */
  untilQuit(): Promise<void>;
  /** Whether data may be coloured. */
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly self: Self;
  /** Takes over the terminal that stdin and stdout are; undefined: they are none. */
  takeTerminal?(): Promise<Terminal | undefined>;
}

/** This process among those that may write the same files. */
export interface Self {
  readonly pid: number;
  /** Whether there is a process of this number. */
  isRunning(pid: number): boolean;
}

/** A key: `name` as `left`, `return`, `ctrl-c` or the character; `text` what it types, if anything. */
export interface Key {
  readonly name: string;
  readonly text: string;
}

/** A terminal that a command has for itself. */
export interface Terminal {
  size(): { readonly columns: number; readonly rows: number };
  /** Replaces what is on the screen. */
  show(lines: readonly string[]): void;
  /** The next key; `resize` and `closed` are keys too. */
  key(): Promise<Key>;
  /** Gives it back as it was. */
  close(): void;
}

/** Output is handed over in pieces of about this many characters. */
export const CHUNK_LENGTH = 65_536;
