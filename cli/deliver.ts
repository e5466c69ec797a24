// SPDX-License-Identifier: GPL-2.0-only
import { EXIT, type ExitCode } from './exit-code.ts';
import { pathKind, readText } from './files.ts';
import type { Io } from './io.ts';
import type { Target } from './reporters/choose.ts';
import { exitCodeOf } from './reporters/report.ts';
import type { Report } from './reporters/report-schema.ts';
import { writePieces } from './write-files.ts';

/** A job summary that is larger is shown by nobody: GitHub's limit is 1 MiB. */
const MAX_SHARED_BYTES = 16 * 2 ** 20;

/** Writes what each reporter says; answers, one line each, which files could not be written. */
const deliver = async (report: Report, targets: readonly Target[], io: Io): Promise<readonly string[]> => {
  const failures: string[] = [];
  for (const { reporter, file, sharedBy } of targets) {
    if (file === undefined) {
      await io.out(reporter(report, io.colour));
      continue;
    }
    const isShared = sharedBy !== undefined && io.env[sharedBy] === file && pathKind(file) === 'file';
    const before = isShared ? readText(file, MAX_SHARED_BYTES) : { ok: true as const, value: '' };
    if (!before.ok) {
      failures.push(`${file}: ${before.message}; the report was not added`);
      continue;
    }
    const written = writePieces(file, [before.value, reporter(report, false)]);
    if (!written.ok) failures.push(`${file}: the report ${written.message}`);
  }
  return failures;
};

/** Why a report without a case that was compared is no success. */
const emptiness = ({ summary, shard }: Report): string | undefined => {
  if (summary.cases > 0 || shard !== undefined) return undefined;
  return summary.skipped > 0
    ? `no case was compared: all ${summary.skipped} skipped, none of the selected releases applies to them`
    : 'no case to check; nothing was compared';
};

/** Delivers a report and answers what it comes to. A report that could not be written is a failure too. */
export const conclude = async (
  report: Report,
  targets: readonly Target[],
  io: Io,
  refuse: (io: Io, message: string) => ExitCode,
): Promise<ExitCode> => {
  let exit = exitCodeOf(report);
  const faults = [...(await deliver(report, targets, io)), emptiness(report)];
  for (const message of faults) if (message !== undefined && refuse(io, message) > exit) exit = EXIT.wrongInput;
  return exit;
};
