// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import type { Step } from './accept-corpus.ts';
import { ACCEPT_LOCK, type GoldenState, goldenStampOf } from './corpus.ts';
import { IS_THERE, readText } from './files.ts';
import { createFile, removeFile, writeAtomic } from './write-files.ts';

const MAX_LOCK_BYTES = 64;

const lockedBy = (lock: string): string => {
  const holder = readText(lock, MAX_LOCK_BYTES);
  const pid = holder.ok ? holder.value.trim() : '';
  return (
    `${lock}: ${pid === '' ? 'another process' : `process ${pid}`} writes golden files; nothing was accepted. ` +
    'Try again when it is done; if it was killed, remove that file'
  );
};

const write = (steps: readonly Step[], golden: string, { stamp, leftovers }: GoldenState): string | undefined => {
  const now = goldenStampOf(golden);
  if (!now.ok) return `${golden}: ${now.message}`;
  if (now.value !== stamp) return `${golden}: changed since it was compared; nothing was accepted. Run accept again`;
  const removals = leftovers.map((path) => ({ path, text: undefined }));
  for (const { path, text } of [...removals, ...steps]) {
    const done = text === undefined ? removeFile(path, golden) : writeAtomic(path, text);
    if (!done.ok) return `${path}: ${done.message}`;
  }
  return undefined;
};

/**
 * Carries the steps out: one process at a time, and only on the golden files that they were made from. Removes what a
 * process that was killed left. Answers why it did not.
 */
export const carryOut = (
  steps: readonly Step[],
  golden: string,
  before: GoldenState,
  pid: number,
): string | undefined => {
  if (steps.length === 0 && before.leftovers.length === 0) return undefined;
  const lock = join(golden, ACCEPT_LOCK);
  const locked = createFile(lock, `${pid}\n`);
  if (!locked.ok) return locked.message === IS_THERE ? lockedBy(lock) : `${lock}: ${locked.message}`;
  const refused = write(steps, golden, before);
  const unlocked = removeFile(lock, golden);
  return refused ?? (unlocked.ok ? undefined : `${lock}: ${unlocked.message}`);
};
