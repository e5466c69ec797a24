// SPDX-License-Identifier: GPL-2.0-only
import { checkCases, reportOn } from './check-corpus.ts';
import { discover } from './corpus.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import { model } from './model.ts';
import { summaryLine } from './reporters/overview.ts';
import { prettyReporter } from './reporters/pretty.ts';
import { exitCodeOf } from './reporters/report.ts';
import { loadReview } from './review.ts';
import { type Choice, makeSession } from './session.ts';
import { todayOf } from './today.ts';
import { makeWatch, onlyAgain, type Round } from './watch.ts';
import { watchFiles } from './watch-files.ts';

/** What a round found: its cases with their differences, those that agree by name, and how all stand. */
const roundText = (round: Round, colour: boolean): string => {
  const part = onlyAgain(round);
  const good = part.cases.filter(({ status }) => status === 'agrees').map(({ name }) => `${name}: agrees\n`);
  const { cases, differ, errors, strays, expectations } = part.summary;
  const wrong = differ + errors + strays + expectations > 0 ? prettyReporter(part, colour) : '';
  return `${good.length < cases || cases < 4 ? good.join('') : ''}${wrong}now ${summaryLine(round.report)}\n\n`;
};

/** Checks the corpus, then again what a change in its folders concerns, until the user quits. */
export const watchCorpus = async (
  folders: readonly string[],
  paths: readonly string[],
  filter: string | undefined,
  only: readonly Choice[] | undefined,
  io: Io,
): Promise<ExitCode> => {
  const names = only?.map(({ name }) => name);
  const next = makeWatch({
    discover: () => discover(paths, filter),
    // A session keeps machines; each round looks at them anew.
    check: (corpus) => checkCases(makeSession(model), corpus, only === undefined ? {} : { only }, () => undefined),
    reportOn: (corpus, cases) => {
      const review = loadReview(corpus, names, todayOf(io), model);
      return review.ok ? { ok: true, value: reportOn(corpus, cases, review.value, undefined) } : review;
    },
  });
  let exit: ExitCode = EXIT.wrongInput;
  const round = (changed: readonly string[], textOf: (round: Round) => string): void => {
    const found = next(changed);
    exit = found.ok ? exitCodeOf(found.value.report) : EXIT.wrongInput;
    if (found.ok) void io.out(textOf(found.value));
    else io.note(`hvreplay check: ${found.message}\n`);
  };
  round([], ({ report }) => prettyReporter(report, io.colour));
  const watch = await watchFiles(folders, (changed) => round(changed, (one) => roundText(one, io.colour)));
  io.note('watching; q or ctrl-c ends it\n');
  await io.untilQuit();
  await watch.close();
  return exit;
};
