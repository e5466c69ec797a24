// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';

/**
 * Ends a test that needs a program that is not installed: in CI it fails, elsewhere it is skipped and says why.
 * `debianPackage` has it; `.ci/run` installs that. `probe`: what it is run with; it is there if that succeeds.
 */
export const requireProgram = (
  program: string,
  debianPackage: string,
  skip: (why: string) => void,
  probe: readonly string[] = ['--version'],
): void => {
  const { status } = spawnSync(program, probe, { stdio: 'ignore' });
  if (status === 0) return;
  const why = `${program} ${probe.join(' ')} fails; Debian package ${debianPackage} is missing`;
  if (process.env['CI'] !== undefined) throw new Error(why);
  skip(why);
};
