// SPDX-License-Identifier: GPL-2.0-only
import { type TarHeader, unpackTar } from 'modern-tar';
import type { FileResult } from './files.ts';

/** A file of an archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** `ustar` at this offset marks a header of a tar (POSIX.1-1988, pax and GNU alike). */
const MAGIC_OFFSET = 257;
const MAGIC = 'ustar';

const isHeader = (bytes: Uint8Array, offset: number): boolean =>
  [...MAGIC].every((letter, index) => bytes[offset + MAGIC_OFFSET + index] === letter.charCodeAt(0));

export const isTar = (bytes: Uint8Array): boolean => isHeader(bytes, 0);

const BLOCK_BYTES = 512;
const TYPE_OFFSET = 156;
/** A file with holes in GNU's own format: what follows is the rest of it and looks like a file. */
const GNU_SPARSE = 'S'.charCodeAt(0);

const hasGnuSparse = (bytes: Uint8Array): boolean => {
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
    if (bytes[at + TYPE_OFFSET] === GNU_SPARSE && isHeader(bytes, at)) return true;
  return false;
};

/** Files, folders and links; a recording has a few dozen files. */
const MAX_ARCHIVED_FILES = 4096;

/** Names that would lead out of the folder that an archive is unpacked to: nothing is, but whoever packed it meant harm. */
const leadsOut = (name: string): boolean =>
  name.startsWith('/') || name.includes('\\') || name.includes('\0') || name.split('/').includes('..');

const HOLES = 'has a file with holes; expected a tar that was made without --sparse';

/** The same in pax format. */
const isPaxSparse = (pax: TarHeader['pax']): boolean =>
  Object.keys(pax ?? {}).some((key) => key.startsWith('GNU.sparse.'));

/** @param names of the entries before */
const objectionTo = ({ name, pax }: TarHeader, names: ReadonlySet<string>): string | undefined => {
  if (leadsOut(name)) return `has a file ${JSON.stringify(name)}, which leads out of it`;
  if (/\p{Cc}/u.test(name)) return `has a file ${JSON.stringify(name)}; expected names without control characters`;
  if (isPaxSparse(pax)) return HOLES;
  if (names.has(name)) return `has ${JSON.stringify(name)} twice; expected each name once`;
  if (names.size >= MAX_ARCHIVED_FILES) return `has more than ${MAX_ARCHIVED_FILES} files; expected those of one run`;
  return undefined;
};

/** The regular files of a tar. Links and devices are passed over; names that lead out of it or are there twice are refused. */
export const readTar = async (bytes: Uint8Array): Promise<FileResult<readonly ArchivedFile[]>> => {
  if (hasGnuSparse(bytes)) return { ok: false, message: HOLES };
  const names = new Set<string>();
  let objection: string | undefined;
  // Asked about each header before what it is about is copied.
  const filter = (header: TarHeader): boolean => {
    objection = objectionTo(header, names);
    if (objection !== undefined) throw new Error(objection);
    names.add(header.name);
    return header.type === 'file';
  };
  try {
    const entries = await unpackTar(bytes, { strict: true, filter });
    return {
      ok: true,
      value: entries.map(({ header, data }) => ({ name: header.name, bytes: data ?? new Uint8Array() })),
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ok: false, message: objection ?? `is no whole tar: ${error.message}` };
  }
};
