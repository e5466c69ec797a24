// SPDX-License-Identifier: GPL-2.0-only
import { extract } from 'tar-stream';
import type { FileResult } from './files.ts';

/** A file of an archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** `ustar` at this offset marks the first header of a tar (POSIX.1-1988, pax and GNU alike). */
const MAGIC_OFFSET = 257;
const MAGIC = 'ustar';

export const isTar = (bytes: Uint8Array): boolean =>
  [...MAGIC].every((letter, index) => bytes[MAGIC_OFFSET + index] === letter.charCodeAt(0));

/** A recording has a few dozen files. */
const MAX_ARCHIVED_FILES = 4096;

/** Names that would lead out of the folder that an archive is unpacked to: nothing is, but whoever packed it meant harm. */
const leadsOut = (name: string): boolean =>
  name.startsWith('/') || name.includes('\\') || name.includes('\0') || name.split('/').includes('..');

const SIZE_OF_BLOCK = 512;

/** The regular files of a tar. Links and devices are passed over; names that lead out of it are refused. */
export const readTar = async (bytes: Uint8Array): Promise<FileResult<readonly ArchivedFile[]>> => {
  if (bytes.length % SIZE_OF_BLOCK !== 0)
    return {
      ok: false,
      message: `is ${bytes.length} bytes long, no multiple of ${SIZE_OF_BLOCK}: the tar is truncated`,
    };
  const files: ArchivedFile[] = [];
  const archive = extract();
  archive.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  try {
    for await (const entry of archive) {
      const { name, type } = entry.header;
      if (leadsOut(name)) return { ok: false, message: `has a file ${JSON.stringify(name)}, which leads out of it` };
      const pieces: Buffer[] = [];
      // A stream of an archive gives bytes.
      for await (const piece of entry) pieces.push(piece as Buffer);
      if (type !== 'file') continue;
      files.push({ name, bytes: Buffer.concat(pieces) });
      if (files.length > MAX_ARCHIVED_FILES)
        return { ok: false, message: `has more than ${MAX_ARCHIVED_FILES} files; expected those of one run` };
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ok: false, message: `is no whole tar: ${error.message}` };
  }
  return { ok: true, value: files };
};
