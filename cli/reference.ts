// SPDX-License-Identifier: GPL-2.0-only
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { type FileResult, IS_FOLDER, IS_NO_FILE, pathKind, realPath } from './files.ts';

/** Whether `path` is `folder` or below it; both have to be real paths. */
export const isInside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
};

/**
 * The file that a trace refers to. References are relative to the trace's folder and may go up one folder, not
 * further (`../machines/nic.yaml`), links included: a trace from elsewhere cannot make us read any file.
 */
export const resolveReference = (tracePath: string, reference: string): FileResult<string> => {
  if (isAbsolute(reference) || reference.includes('\\') || reference.includes('\0'))
    return { ok: false, message: `${reference}: expected a path relative to the trace, with /` };
  const folder = realPath(dirname(resolve(tracePath)));
  if (!folder.ok) return { ok: false, message: `${reference}: ${folder.message}` };
  const target = realPath(resolve(folder.value, reference));
  if (!target.ok) return { ok: false, message: `${reference}: ${target.message}` };
  if (!isInside(dirname(folder.value), target.value))
    return { ok: false, message: `${reference}: is outside of the folder above the trace; expected it within` };
  const kind = pathKind(target.value);
  if (kind === 'folder') return { ok: false, message: `${reference}: ${IS_FOLDER}` };
  if (kind === 'other') return { ok: false, message: `${reference}: ${IS_NO_FILE}` };
  return { ok: true, value: target.value };
};
