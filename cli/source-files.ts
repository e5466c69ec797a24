// SPDX-License-Identifier: GPL-2.0-only
import type { SourceFile } from '../engine/import/sources.ts';
import { inflate, listTree, pathKind, readBytes } from './files.ts';

/** Bytes of one file, inflated. A trace of Xen from boot on may have hundreds of megabytes. */
const MAX_SOURCE_BYTES = 1024 * 2 ** 20;

/** Bytes of all files together, inflated; archives count beside what is in them. */
const MAX_RUN_BYTES = 2048 * 2 ** 20;

/** What gzip makes of a byte at most. */
const GZIP_RATIO = 1032;

/** Files of a folder. */
const MAX_FILES = 4096;

/** The files of a run, and what is wrong with them; `alone`: named on the command line, not found in a folder or tar. */
export interface GatheredFile extends SourceFile {
  readonly alone: boolean;
}

export interface GatheredFiles {
  readonly files: readonly GatheredFile[];
  readonly faults: readonly string[];
}

/** Collects files from wherever they are: single ones, folders, archives, any of them compressed by gzip. */
class Gatherer {
  readonly files: GatheredFile[] = [];
  readonly faults: string[] = [];
  #roomBytes = MAX_RUN_BYTES;

  async path(path: string): Promise<void> {
    if (path === '-' || pathKind(path) !== 'folder') {
      await this.#read(path, true);
      return;
    }
    const tree = listTree(path);
    if (!tree.ok) this.faults.push(`${path}: ${tree.message}\n`);
    else if (tree.value.length > MAX_FILES) this.faults.push(`${path}: has more than ${MAX_FILES} files\n`);
    else for (const entry of tree.value) if (entry.kind === 'file') await this.#read(`${path}/${entry.path}`, false);
  }

  async #read(name: string, alone: boolean): Promise<void> {
    if (this.#roomBytes < 0) return;
    const read = readBytes(name, MAX_SOURCE_BYTES);
    const inflated = read.ok ? this.#inflate(name, read.value) : this.#refuse(name, read.message);
    if (inflated === undefined) return;
    const { isTar, readTar } = await import('./archive.ts');
    if (!isTar(inflated)) {
      this.files.push({ name, bytes: inflated, alone });
      return;
    }
    const archived = await readTar(inflated);
    if (!archived.ok) this.#refuse(name, archived.message);
    else for (const file of archived.value) this.#addArchived(`${name}:${file.name}`, file.bytes, isTar);
  }

  #addArchived(name: string, bytes: Uint8Array, isTar: (bytes: Uint8Array) => boolean): void {
    const inflated = this.#roomBytes < 0 ? undefined : this.#inflate(name, bytes);
    if (inflated !== undefined && isTar(inflated))
      this.#refuse(name, 'is an archive within an archive; unpack it first');
    else if (inflated !== undefined) this.files.push({ name, bytes: inflated, alone: false });
  }

  /** What cannot be inflated counts with what was tried: a thousand such files in an archive would be a day's work. */
  #inflate(name: string, bytes: Uint8Array): Uint8Array | undefined {
    const inflated = inflate(bytes, MAX_SOURCE_BYTES);
    this.#roomBytes -= inflated.ok ? inflated.value.length : Math.min(MAX_SOURCE_BYTES, GZIP_RATIO * bytes.length);
    if (!inflated.ok) this.#refuse(name, inflated.message);
    if (this.#roomBytes < 0)
      this.#refuse(name, `more than ${MAX_RUN_BYTES / 2 ** 20} MiB in all; nothing after it was read`);
    return inflated.ok ? inflated.value : undefined;
  }

  #refuse(name: string, message: string): undefined {
    this.faults.push(`${name}: ${message}\n`);
    return undefined;
  }
}

export const gatherFiles = async (paths: readonly string[]): Promise<GatheredFiles> => {
  const gatherer = new Gatherer();
  for (const path of paths) await gatherer.path(path);
  const { files, faults } = gatherer;
  return { files, faults };
};
