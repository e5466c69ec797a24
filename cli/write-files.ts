// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { attempt, type FileResult, type IS_THERE } from './files.ts';

/** The only file that writes files. */

const syncFolder = (folder: string): void => {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

type Data = string | Uint8Array;

/** Into a file that is there, or with `wx` into a new one, which is on the disk then. */
const writeInto = (path: string, flags: 'w' | 'wx', pieces: Iterable<Data>): void => {
  const descriptor = openSync(path, flags);
  try {
    for (const data of pieces) {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    }
    if (flags === 'wx') fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const temporaryFor = (path: string): string => join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);

const TEMPORARY = /(?:^|[/\\])\.[^/\\]+\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/** Whether this is what {@link writeAtomic} leaves when it is killed. */
export const isTemporary = (path: string): boolean => TEMPORARY.test(path);

/**
 * Writes a file so that at any moment either the old or the new content is there: temporary file in the same folder,
 * fsync, rename, fsync of the folder. Missing folders are made.
 */
export const writeAtomic = (path: string, data: Data): FileResult<void> => writePieces(path, [data]);

/** The same of a file that does not fit in memory. What getting the pieces throws leaves the old content. */
export const writePieces = (path: string, pieces: Iterable<Data>): FileResult<void> =>
  attempt(() => {
    const folder = dirname(path);
    mkdirSync(folder, { recursive: true });
    const temporary = temporaryFor(path);
    try {
      writeInto(temporary, 'wx', pieces);
      renameSync(temporary, path);
    } catch (error) {
      attempt(() => unlinkSync(temporary));
      throw error;
    }
    syncFolder(folder);
  });

/** Makes a file: of all who try at once one succeeds, the others get {@link IS_THERE}. Missing folders are made. */
export const createFile = (path: string, text: string): FileResult<void> =>
  attempt(() => {
    mkdirSync(dirname(path), { recursive: true });
    writeInto(path, 'wx', [text]);
  });

/** Writes a file for others to read: as {@link writeAtomic}, but into what is no plain file (a pipe, a device) directly. */
export const writeFile = (path: string, text: string): FileResult<void> => {
  const status = attempt(() => statSync(path));
  if (!status.ok || status.value.isFile()) return writeAtomic(path, text);
  return attempt(() => writeInto(path, 'w', [text]));
};

/** Removes a file and the folders above it that become empty, up to but without `top`. */
export const removeFile = (path: string, top: string): FileResult<void> =>
  attempt(() => {
    unlinkSync(path);
    let folder = dirname(path);
    while (folder !== top && folder.startsWith(top + sep) && readdirSync(folder).length === 0) {
      rmdirSync(folder);
      folder = dirname(folder);
    }
    syncFolder(folder);
  });
