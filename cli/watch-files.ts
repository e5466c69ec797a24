// SPDX-License-Identifier: GPL-2.0-only
import { basename, dirname, join, resolve } from 'node:path';
import { watch } from 'chokidar';
import { listTree } from './files.ts';

/** Editors write a file in several steps; what follows within this time belongs together. */
const SETTLE_MILLISECONDS = 40;

/**
 * chokidar reads a new folder first and watches it then. What comes in between, as golden files of a new case do, it would
 * never tell of, so new folders are looked at once more.
 */
const LOOK_AGAIN_MILLISECONDS = 200;

export interface FileWatch {
  close(): Promise<void>;
}

/** Calls `changed` with the paths of files below `folders` that came, went or were written, a batch at a time. */
export const watchFiles = async (
  folders: readonly string[],
  changed: (paths: readonly string[]) => void,
): Promise<FileWatch> => {
  let batch = new Set<string>();
  let settling: NodeJS.Timeout | undefined;
  const looks = new Set<NodeJS.Timeout>();
  const flush = (): void => {
    const paths = [...batch];
    batch = new Set();
    changed(paths);
  };
  const tell = (path: string): void => {
    batch.add(path);
    clearTimeout(settling);
    settling = setTimeout(flush, SETTLE_MILLISECONDS);
  };
  const watcher = watch([...folders], { ignoreInitial: true });
  const lookAgain = (folder: string): void => {
    const files = listTree(folder);
    const watched = watcher.getWatched();
    const isKnown = (path: string): boolean => watched[resolve(dirname(path))]?.includes(basename(path)) === true;
    for (const { path } of files.ok ? files.value : []) if (!isKnown(join(folder, path))) tell(join(folder, path));
    watcher.add(folder);
  };
  watcher.on('all', (event, path) => {
    tell(path);
    if (event !== 'addDir') return;
    const look = setTimeout(() => {
      looks.delete(look);
      lookAgain(path);
    }, LOOK_AGAIN_MILLISECONDS);
    looks.add(look);
  });
  await new Promise<void>((done) => watcher.once('ready', done));
  return {
    close: async () => {
      for (const timer of [settling, ...looks]) clearTimeout(timer);
      await watcher.close();
    },
  };
};
