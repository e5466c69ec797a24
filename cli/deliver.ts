// SPDX-License-Identifier: GPL-2.0-only
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import type { Target } from './reporters/choose.ts';
import { exitCodeOf } from './reporters/report.ts';
import type { Report } from './reporters/report-schema.ts';
import { writePieces } from './write-files.ts';

/** Writes what each reporter says; answers, one line each, which files could not be written. */
const deliver = async (report: Report, targets: readonly Target[], io: Io): Promise<readonly string[]> => {
  const failures: string[] = [];
  for (const { reporter, file } of targets) {
    if (file === undefined) await io.out(reporter(report, io.colour));
    else {
      const written = writePieces(file, [reporter(report, false)]);
      if (!written.ok) failures.push(`${file}: the report ${written.message}`);
    }
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
