// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { attempt, type FileResult, type IS_THERE, isSystemError } from './files.ts';

/** The only file that writes files. */

/** Some file systems, such as folders shared with a virtual machine, sync no folders: the file is there all the same. */
const syncFolder = (folder: string): void => {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EINVAL') throw error;
  } finally {
    closeSync(descriptor);
  }
};

type Pieces = Iterable<string | Uint8Array>;

const fill = (descriptor: number, pieces: Pieces): void => {
  for (const data of pieces) {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  }
};

/** Whatever `work` throws, the file does not outlive it. */
const orRemove = (path: string, work: () => void): void => {
  try {
    work();
  } catch (error) {
    attempt(() => unlinkSync(path));
    throw error;
  }
};

/** A file that was not there, with all of its content and on the disk; or none. `mode`: who may read and write it. */
const make = (path: string, pieces: Pieces, mode?: number): void => {
  const descriptor = openSync(path, 'wx', mode);
  orRemove(path, () => {
    try {
      // What the umask took away when it was opened.
      if (mode !== undefined) fchmodSync(descriptor, mode);
      fill(descriptor, pieces);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
};

const temporaryFor = (path: string): string => join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);

/** Who may read and write a file that is there already; undefined: none is, or it is a link. */
const modeOf = (path: string): number | undefined => {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true ? status.mode % 0o10000 : undefined;
};

const replace = (path: string, pieces: Pieces): void => {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const temporary = temporaryFor(path);
  make(temporary, pieces, modeOf(path));
  orRemove(temporary, () => renameSync(temporary, path));
  syncFolder(folder);
};

const TEMPORARY = /(?:^|[/\\])\.[^/\\]+\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/** Whether this is what writing a file leaves when it is killed. */
export const isTemporary = (path: string): boolean => TEMPORARY.test(path);

/** As {@link attempt}; the message begins with what could not be done. */
const attemptTo = (done: 'written' | 'removed', work: () => void): FileResult<void> => {
  const result = attempt(work);
  return result.ok ? result : { ok: false, message: `could not be ${done}: ${result.message}` };
};

/**
 * Writes a file so that at any moment either the old or the new content is there: temporary file in the same folder,
 * fsync, rename, fsync of the folder. Who may read and write it stays as it was. Missing folders are made; a link is
 * replaced and not followed.
 */
export const writeAtomic = (path: string, data: string | Uint8Array): FileResult<void> =>
  attemptTo('written', () => replace(path, [data]));

/**
 * The same of a file that the user named: a link is followed, and what is no plain file (a pipe, a device) is written
 * into. What getting the pieces throws leaves the old content.
 */
export const writePieces = (path: string, pieces: Pieces): FileResult<void> =>
  attemptTo('written', () => {
    const status = attempt(() => statSync(path));
    if (!status.ok) return replace(path, pieces);
    if (status.value.isFile()) return replace(realpathSync(path), pieces);
    const descriptor = openSync(path, 'w');
    try {
      fill(descriptor, pieces);
    } finally {
      closeSync(descriptor);
    }
  });

/** Makes a file: of all who try at once one succeeds, the others get {@link IS_THERE}. Missing folders are made. */
export const createFile = (path: string, text: string): FileResult<void> =>
  attempt(() => {
    mkdirSync(dirname(path), { recursive: true });
    make(path, [text]);
  });

/** Removes a file if it says `text`: of all who try at once one succeeds, and a file that says something else stays. */
export const removeIfItSays = (path: string, text: string): FileResult<boolean> =>
  attempt(() => {
    const aside = temporaryFor(path);
    renameSync(path, aside);
    const isIt = readFileSync(aside, 'utf8') === text;
    if (!isIt) linkSync(aside, path);
    unlinkSync(aside);
    return isIt;
  });

/** Removes a file and the folders above it that become empty, up to but without `top`. */
export const removeFile = (path: string, top: string): FileResult<void> =>
  attemptTo('removed', () => {
    unlinkSync(path);
    let folder = dirname(path);
    while (folder !== top && folder.startsWith(top + sep) && readdirSync(folder).length === 0) {
      rmdirSync(folder);
      folder = dirname(folder);
    }
    syncFolder(folder);
  });
