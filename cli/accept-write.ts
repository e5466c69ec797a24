// SPDX-License-Identifier: GPL-2.0-only
import { dirname, join } from 'node:path';
import type { Step } from './accept-corpus.ts';
import { ACCEPT_LOCK, type GoldenState, goldenStateOf, listGolden } from './corpus.ts';
import { type FileResult, hostName, IS_THERE, pathKind, pause, readText, realPath } from './files.ts';
import type { Self } from './io.ts';
import { isInside } from './reference.ts';
import { createFile, removeFile, removeIfItSays, writeAtomic } from './write-files.ts';

/** A golden file and its new text; undefined: the file goes. */
export type Change = Pick<Step, 'path' | 'text'>;

const MAX_LOCK_BYTES = 512;
const TRY_EVERY_MS = 20;

/** Who has a lock: a process of a machine. A lock may say something else. */
const HOLDER = /^(\d{1,10}) (\S*)\n$/;

const holderOf = (pid: number): string => `${pid} ${hostName()}`;

const lockedBy = (lock: string, says: string): string => {
  const [, pid, host] = HOLDER.exec(says) ?? [];
  const holder = pid === undefined ? 'another process' : `process ${pid} on ${host}`;
  return (
    `${lock}: ${holder} writes golden files; nothing was accepted. ` +
    'Try again when it is done; if it was killed, remove that file'
  );
};

const takeLock = (lock: string, holder: string, patienceMs: number): FileResult<void> => {
  for (let waitedMs = 0; ; waitedMs += TRY_EVERY_MS) {
    const made = createFile(lock, `${holder}\n`);
    if (made.ok || made.message !== IS_THERE || waitedMs >= patienceMs) return made;
    pause(TRY_EVERY_MS);
  }
};

/** Whether whoever took the lock here was killed before the work was done. */
const isAbandoned = (says: string, { isRunning }: Pick<Self, 'isRunning'>): boolean => {
  const [, pid, host] = HOLDER.exec(says) ?? [];
  return pid !== undefined && host === hostName() && !isRunning(Number(pid));
};

/** How a lock is asked for: what is put into it, how long another one is waited for, and who knows whether that one runs. */
interface Asking {
  readonly holder: string;
  readonly patienceMs: number;
  readonly self?: Self;
}

/**
 * Runs `work` while nobody else who asks for the lock writes golden files; answers why that or the work went wrong. A lock
 * of a process that is gone is taken over.
 */
export const whileLocked = (
  golden: string,
  { holder, patienceMs, self }: Asking,
  work: () => string | undefined,
): string | undefined => {
  const lock = join(golden, ACCEPT_LOCK);
  let taken = takeLock(lock, holder, patienceMs);
  if (!taken.ok && taken.message === IS_THERE) {
    const read = readText(lock, MAX_LOCK_BYTES);
    const says = read.ok ? read.value : '';
    if (self !== undefined && isAbandoned(says, self) && removeIfItSays(lock, says).ok)
      taken = takeLock(lock, holder, patienceMs);
    if (!taken.ok && taken.message === IS_THERE) return lockedBy(lock, says);
  }
  if (!taken.ok) return `${lock}: could not be written: ${taken.message}`;
  let unlocked: FileResult<void> = taken;
  let refused: string | undefined;
  try {
    refused = work();
  } finally {
    unlocked = removeFile(lock, golden);
  }
  return unlocked.ok ? refused : [refused ?? [], `${lock}: ${unlocked.message}`].flat().join('\n');
};

/** Whether writing `path` would follow a link out of the folder of the golden files. */
const leadsOut = (path: string, golden: string): boolean => {
  let folder = dirname(path);
  while (pathKind(folder) === 'absent' && folder !== dirname(folder)) folder = dirname(folder);
  const [root, real] = [realPath(golden), realPath(folder)];
  return root.ok && real.ok && !isInside(root.value, real.value);
};

/** Writes and removes golden files, one after the other; answers where that ended before its end. */
export const makeChanges = (changes: readonly Change[], golden: string): string | undefined => {
  const astray = changes.find(({ path }) => leadsOut(path, golden));
  if (astray !== undefined) return `${astray.path}: a link on the way leads out of ${golden}; nothing was accepted`;
  for (const [index, { path, text }] of changes.entries()) {
    const done = text === undefined ? removeFile(path, golden) : writeAtomic(path, text);
    if (!done.ok) return `${path}: ${done.message}. ${index} of ${changes.length} golden files were changed before`;
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
  { stamp, leftovers }: GoldenState,
  self: Self,
): string | undefined => {
  if (steps.length === 0 && leftovers.length === 0) return undefined;
  return whileLocked(golden, { holder: holderOf(self.pid), patienceMs: 0, self }, () => {
    const tree = listGolden(golden);
    if (!tree.ok) return `${golden}: ${tree.message}`;
    if (goldenStateOf(golden, tree.value).stamp !== stamp)
      return `${golden}: changed since it was compared; nothing was accepted. Run accept again`;
    return makeChanges([...leftovers.map((path) => ({ path, text: undefined })), ...steps], golden);
  });
};
