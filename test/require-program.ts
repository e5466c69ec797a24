// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';

/**
 * Ends a test that needs a program that is not installed: in CI it fails, elsewhere it is skipped and says why.
 * `debianPackage` has it; `.ci/run` installs that.
 */
export const requireProgram = (program: string, debianPackage: string, skip: (why: string) => void): void => {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error === undefined) return;
  const why = `${program} is not installed (Debian package ${debianPackage})`;
  if (process.env['CI'] !== undefined) throw new Error(why);
  skip(why);
};
