// SPDX-License-Identifier: GPL-2.0-only
import type { SourceFile } from '../engine/import/sources.ts';
import type { FileResult } from './files.ts';
import { inflate, listTree, pathKind, readBytes } from './files.ts';

/** Bytes of one file, inflated. A trace of Xen from boot on may have hundreds of megabytes. */
const MAX_SOURCE_BYTES = 1024 * 2 ** 20;

/** Bytes of all files together, inflated. */
const MAX_RUN_BYTES = 2048 * 2 ** 20;

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
  #total = 0;

  async path(path: string): Promise<void> {
    if (path === '-' || pathKind(path) !== 'folder') {
      await this.#bytes(path, readBytes(path, MAX_SOURCE_BYTES), true);
      return;
    }
    const tree = listTree(path);
    if (!tree.ok) this.faults.push(`${path}: ${tree.message}\n`);
    else if (tree.value.length > MAX_FILES) this.faults.push(`${path}: has more than ${MAX_FILES} files\n`);
    else
      for (const entry of tree.value)
        if (entry.kind === 'file') {
          const file = `${path}/${entry.path}`;
          await this.#bytes(file, readBytes(file, MAX_SOURCE_BYTES), false);
        }
  }

  async #bytes(name: string, read: FileResult<Uint8Array>, alone: boolean): Promise<void> {
    const inflated = read.ok ? inflate(read.value, MAX_SOURCE_BYTES) : read;
    if (!inflated.ok) {
      this.faults.push(`${name}: ${inflated.message}\n`);
      return;
    }
    const { isTar, readTar } = await import('./archive.ts');
    if (isTar(inflated.value)) {
      const archived = await readTar(inflated.value);
      if (!archived.ok) this.faults.push(`${name}: ${archived.message}\n`);
      else
        for (const file of archived.value)
          this.#add(`${name}:${file.name}`, inflate(file.bytes, MAX_SOURCE_BYTES), false);
    } else this.#add(name, inflated, alone);
  }

  #add(name: string, inflated: FileResult<Uint8Array>, alone: boolean): void {
    if (!inflated.ok) {
      this.faults.push(`${name}: ${inflated.message}\n`);
      return;
    }
    this.#total += inflated.value.length;
    if (this.#total > MAX_RUN_BYTES) this.faults.push(`${name}: more than ${MAX_RUN_BYTES / 2 ** 20} MiB in all\n`);
    else this.files.push({ name, bytes: inflated.value, alone });
  }
}

export const gatherFiles = async (paths: readonly string[]): Promise<GatheredFiles> => {
  const gatherer = new Gatherer();
  for (const path of paths) await gatherer.path(path);
  const { files, faults } = gatherer;
  return { files, faults };
};
