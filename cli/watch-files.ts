// SPDX-License-Identifier: GPL-2.0-only
import { watch } from 'chokidar';

/** Editors write a file in several steps; what follows within this time belongs together. */
const SETTLE_MILLISECONDS = 40;

export interface FileWatch {
  close(): Promise<void>;
}

/** Calls `changed` with the paths of files below `folders` that came, went or were written, a batch at a time. */
export const watchFiles = async (
  folders: readonly string[],
  changed: (paths: readonly string[]) => void,
): Promise<FileWatch> => {
  let batch = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    const paths = [...batch];
    batch = new Set();
    changed(paths);
  };
  const watcher = watch([...folders], { ignoreInitial: true });
  watcher.on('all', (_event, path) => {
    batch.add(path);
    clearTimeout(timer);
    timer = setTimeout(flush, SETTLE_MILLISECONDS);
  });
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return {
    close: async () => {
      clearTimeout(timer);
      await watcher.close();
    },
  };
};
