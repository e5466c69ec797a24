// SPDX-License-Identifier: GPL-2.0-only
import fs, { constants } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** A disk that refuses what would change it, from a call on that the test chooses. */

const CALLS = [
  'mkdirSync',
  'openSync',
  'writeSync',
  'fsyncSync',
  'closeSync',
  'renameSync',
  'unlinkSync',
  'rmdirSync',
] as const;

type Name = (typeof CALLS)[number];

/** What a file system that is full still does. */
const MAKES_ROOM: readonly Name[] = ['unlinkSync', 'rmdirSync', 'closeSync'];

export interface Failure {
  /** What the system answers, by name. */
  readonly code: string;
  /** The number of the first call that is refused, from 1. */
  readonly from: number;
  /** What is refused after that: nothing, what needs room, everything. */
  readonly afterwards: 'nothing' | 'growth' | 'everything';
}

export interface Refused {
  readonly name: Name;
  readonly path: string;
}

export interface Tried<T> {
  readonly value: T;
  /** How many calls there were that change something below the folder. */
  readonly calls: number;
  readonly refused: readonly Refused[];
}

/** Below it is how a file is opened: 0 is to read. */
const ACCESS_MODES = 4;

const isToRead = (flags: unknown): boolean =>
  flags === 'r' || (typeof flags === 'number' && flags % ACCESS_MODES === constants.O_RDONLY);

/** The files that are open, by descriptor: those that are written, and those that are only read, as folders are. */
class OpenFiles {
  readonly #root: string;
  readonly #paths = new Map<unknown, { readonly path: string; readonly isRead: boolean }>();

  constructor(root: string) {
    this.#root = root;
  }

  /** What a call changes; undefined: nothing below the root. */
  changedBy(name: Name, [first, second]: readonly unknown[]): string | undefined {
    const open = this.#paths.get(first);
    if (open !== undefined) return open.isRead && name !== 'fsyncSync' ? undefined : open.path;
    const isPath = typeof first === 'string' && first.startsWith(this.#root);
    return isPath && !(name === 'openSync' && isToRead(second)) ? first : undefined;
  }

  done(name: Name, [first, second]: readonly unknown[], value: unknown): void {
    if (name === 'closeSync') this.#paths.delete(first);
    if (name === 'openSync' && typeof first === 'string' && first.startsWith(this.#root))
      this.#paths.set(value, { path: first, isRead: isToRead(second) });
  }
}

/** Runs `work` while the disk fails for what is below `root`; whatever comes of it, the disk works again afterwards. */
export const onFailingDisk = async <T>(
  root: string,
  { code, from, afterwards }: Failure,
  work: () => Promise<T>,
): Promise<Tried<T>> => {
  // Called as they come, whatever their arguments are.
  const system = fs as unknown as Record<Name, (...args: unknown[]) => unknown>;
  const originals = CALLS.map((name) => [name, system[name]] as const);
  const open = new OpenFiles(root);
  const refused: Refused[] = [];
  let calls = 0;
  const isRefused = (name: Name): boolean =>
    calls === from ||
    (calls > from && afterwards !== 'nothing' && (afterwards === 'everything' || !MAKES_ROOM.includes(name)));

  for (const [name, original] of originals)
    system[name] = (...args) => {
      const path = open.changedBy(name, args);
      if (path !== undefined) calls += 1;
      if (path === undefined || !isRefused(name)) {
        const value = original(...args);
        open.done(name, args, value);
        return value;
      }
      refused.push({ name, path });
      // Half of what is written arrives; what is closed is closed, even if the disk says so too late.
      if (name === 'writeSync' && args[1] instanceof Uint8Array)
        original(args[0], args[1], 0, Math.floor(args[1].length / 2));
      if (name === 'closeSync') open.done(name, args, original(...args));
      throw Object.assign(new Error(`${code}: made up, ${name} '${path}'`), {
        code,
        syscall: name.replace('Sync', ''),
      });
    };
  syncBuiltinESMExports();
  try {
    return { value: await work(), calls, refused };
  } finally {
    for (const [name, original] of originals) system[name] = original;
    syncBuiltinESMExports();
  }
};
