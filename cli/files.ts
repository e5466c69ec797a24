// SPDX-License-Identifier: GPL-2.0-only
import { createHash, hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The only file that reads files; write-files.ts writes them. What the system refuses is answered, not thrown. */
export type FileResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export const IS_THERE = 'is there already';
export const IS_FOLDER = 'is a folder; expected a file';
/** What is looked for, and not named by the user, is not read if it is a pipe or a device. */
export const IS_NO_FILE = 'is a pipe, a device or a socket; expected a file';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'not permitted',
  EEXIST: IS_THERE,
  EPERM: 'not permitted',
  EISDIR: IS_FOLDER,
  ENOTDIR: 'a part of the path is no folder',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'no space left on the device; make room and try again',
  EDQUOT: 'the disk quota is used up; make room and try again',
  EFBIG: 'more than a file may have here (ulimit -f); expected a larger limit',
  EROFS: 'the file system is read-only; expected one that can be written',
  EIO: 'the device failed',
  EMFILE: 'too many open files',
  ENXIO: 'is a socket or a device that is not there; expected a file',
};

/** Whether this is what the system refuses something with. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';

/** Runs `work`; a refusal of the system becomes its reason, anything else is a defect and goes on. */
export const attempt = <T>(work: () => T): FileResult<T> => {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // A folder that is to be made is taken by a file.
    const code = error.syscall === 'mkdir' && error.code === 'EEXIST' ? 'ENOTDIR' : error.code;
    return { ok: false, message: REASONS[code ?? ''] ?? error.message };
  }
};

const tooLarge = (limitBytes: number): FileResult<never> => ({
  ok: false,
  message: `more than ${limitBytes / 2 ** 20} MiB; expected a smaller file`,
});

const STDIN = 0;
const PIECE_BYTES = 65_536;

/** Opens without waiting: a named pipe may have nobody who ever writes to it. */
const openToRead = (path: string): number => openSync(path, constants.O_RDONLY + constants.O_NONBLOCK);

const PAUSE_MS = 5;

/** Waits without doing anything, for so many milliseconds. */
export const pause = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms);
};

/** As `readSync`, also of what does not wait itself until there is something to read. */
const readWhenReady = (descriptor: number, piece: Uint8Array): number => {
  for (;;) {
    try {
      return readSync(descriptor, piece, 0, piece.length, null);
    } catch (error) {
      if (!isSystemError(error) || error.code !== 'EAGAIN') throw error;
      pause(PAUSE_MS);
    }
  }
};

/** Reads to the end, whatever the file is (a pipe has no size), but not more than the limit. */
const readDescriptor = (descriptor: number, limitBytes: number): FileResult<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = new Uint8Array(PIECE_BYTES);
    const count = readWhenReady(descriptor, piece);
    if (count === 0) break;
    length += count;
    if (length > limitBytes) return tooLarge(limitBytes);
    pieces.push(piece.subarray(0, count));
  }
  return { ok: true, value: Buffer.concat(pieces) };
};

/** The bytes that a regular file has; less if it has become shorter. */
const readFile = (descriptor: number, sizeBytes: number): Uint8Array => {
  const bytes = new Uint8Array(sizeBytes);
  let length = 0;
  while (length < sizeBytes) {
    const count = readSync(descriptor, bytes, length, sizeBytes - length, null);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
};

const readPipe = (descriptor: number, limitBytes: number): FileResult<Uint8Array> => {
  const read = readDescriptor(descriptor, limitBytes);
  return read.ok && read.value.length === 0 ? { ok: false, message: 'is a pipe that nobody writes to' } : read;
};

/** Bytes of a file, or of stdin for `-`. */
export const readBytes = (path: string, limitBytes: number): FileResult<Uint8Array> => {
  const result = attempt((): FileResult<Uint8Array> => {
    if (path === '-') return readDescriptor(STDIN, limitBytes);
    const descriptor = openToRead(path);
    try {
      const status = fstatSync(descriptor);
      if (status.isDirectory()) return { ok: false, message: IS_FOLDER };
      if (status.size > limitBytes) return tooLarge(limitBytes);
      if (status.isFIFO()) return readPipe(descriptor, limitBytes);
      // Some files of the kernel say that they are empty.
      return status.isFile() && status.size > 0
        ? { ok: true, value: readFile(descriptor, status.size) }
        : readDescriptor(descriptor, limitBytes);
    } finally {
      closeSync(descriptor);
    }
  });
  return result.ok ? result.value : result;
};

const UTF8 = new TextDecoder();

export const readText = (path: string, limitBytes: number): FileResult<string> => {
  const bytes = readBytes(path, limitBytes);
  return bytes.ok ? { ok: true, value: UTF8.decode(bytes.value) } : bytes;
};

/** A file that is read piece by piece, however large it is. */
export interface PieceReader {
  readonly sizeBytes: number;
  /** The next bytes, in memory that is used again for those after them; undefined: the end. */
  read(): FileResult<Uint8Array | undefined>;
  close(): void;
}

/** Opens a file to read it in pieces of this size. */
export const openPieces = (path: string, pieceBytes: number): FileResult<PieceReader> =>
  attempt(() => {
    const descriptor = openToRead(path);
    const piece = new Uint8Array(pieceBytes);
    return {
      sizeBytes: fstatSync(descriptor).size,
      read: () =>
        attempt(() => {
          const count = readWhenReady(descriptor, piece);
          return count === 0 ? undefined : piece.subarray(0, count);
        }),
      close: () => closeSync(descriptor),
    };
  });

/** SHA-256 of pieces, one after the other. */
export const sha256Of = (pieces: Iterable<Uint8Array>): string => {
  const digest = createHash('sha256');
  for (const piece of pieces) digest.update(piece);
  return digest.digest('hex');
};

const GZIP_MAGIC = [0x1f, 0x8b];

/** Bytes of a gzip stream, or the bytes themselves if they are none. Refuses what would grow beyond the limit. */
export const inflate = (bytes: Uint8Array, limitBytes: number): FileResult<Uint8Array> => {
  if (GZIP_MAGIC.some((byte, index) => bytes[index] !== byte)) return { ok: true, value: bytes };
  const inflated = attempt(() => gunzipSync(bytes, { maxOutputLength: limitBytes }));
  if (inflated.ok) return inflated;
  return inflated.message.includes('larger than')
    ? tooLarge(limitBytes)
    : { ok: false, message: `cannot be inflated (${inflated.message}): the gzip data is damaged or truncated` };
};

export const sha256 = (bytes: Uint8Array | string): string => hash('sha256', bytes);

export interface TreeEntry {
  /** Relative to the tree's root, with `/`. */
  readonly path: string;
  /** `link`: a symbolic link, which is not followed; `other`: neither file nor folder. */
  readonly kind: 'file' | 'link' | 'other';
}

const MAX_TREE_DEPTH = 16;

/** All files below `root`, sorted by path. Links are listed but not followed, so the walk stays in the tree. */
export const listTree = (root: string): FileResult<readonly TreeEntry[]> =>
  attempt(() => {
    const found: TreeEntry[] = [];
    const walk = (folder: string, prefix: string, depth: number): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = prefix + entry.name;
        if (entry.isDirectory() && depth < MAX_TREE_DEPTH) walk(join(folder, entry.name), `${path}/`, depth + 1);
        else found.push({ path, kind: entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other' });
      }
    };
    walk(root, '', 0);
    return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  });

/** Undefined: it is no file (a pipe, a folder), or not there. */
export const fileSizeBytes = (path: string): number | undefined => {
  const status = attempt(() => statSync(path));
  return status.ok && status.value.isFile() ? status.value.size : undefined;
};

/** `other`: a pipe, a device, a socket. Links are followed. */
export type PathKind = 'file' | 'folder' | 'other' | 'absent';

export const pathKind = (path: string): PathKind => {
  const status = attempt(() => statSync(path));
  if (!status.ok) return 'absent';
  if (status.value.isDirectory()) return 'folder';
  return status.value.isFile() ? 'file' : 'other';
};

/** The name of this machine, or container, whose processes have numbers of their own. */
export const hostName = (): string => hostname();

/** In bytes; undefined: there is no such file. */
export const fileSize = (path: string): number | undefined => {
  const status = attempt(() => statSync(path));
  return status.ok ? status.value.size : undefined;
};

/** Another text once the file has been written or replaced. */
export const stampOf = (path: string): string => {
  const status = attempt(() => lstatSync(path, { bigint: true }));
  return status.ok ? `${status.value.ino} ${status.value.size} ${status.value.ctimeNs}` : '';
};

/** The real path, links resolved. */
export const realPath = (path: string): FileResult<string> => attempt(() => realpathSync.native(path));

/** A file of the package by its place seen from the built files (`dist/parts/`), or from the sources. */
const ownFile = (fromBuilt: string, fromSources: string): string | undefined => {
  for (const place of [fromSources, fromBuilt]) {
    const text = attempt(() => readFileSync(new URL(place, import.meta.url), 'utf8'));
    if (text.ok) return text.value;
  }
  return undefined;
};

/** The HTML report without its data, as `npm run build` makes it. */
export const pageTemplate = (): string => {
  const template = ownFile('../cli/reporters/html/page.html', '../dist/cli/reporters/html/page.html');
  if (template === undefined) throw new Error('the HTML page is not built');
  return template;
};
