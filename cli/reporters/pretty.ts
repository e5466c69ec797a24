// SPDX-License-Identifier: GPL-2.0-only
import { type Paint, paint, paintDiff } from '../colour.ts';
import { counted, releaseSpan } from '../text.ts';
import { cut, moreLines } from './cut.ts';
import { isGreen, overview, summaryLine } from './overview.ts';
import type { Reporter } from './report.ts';
import type { CaseReport, FindingReport, Report } from './report-schema.ts';

/** How much of the differences a log shows; a run of one case shows all of it. */
const MAX_CASES = 20;
const MAX_DIFF = { lines: 40, characters: 8000 };
const NO_LIMIT = { lines: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY };

type Limits = typeof MAX_DIFF;

const findingText = (trace: string, finding: FindingReport, limits: Limits, colours: Paint): string => {
  const { message, diff, differences = [], known } = finding;
  if (known !== undefined) return '';
  if (diff === undefined) return `  ${message}\n`;
  const shown = cut(diff, limits, moreLines(trace));
  return `  ${message} (${counted(differences.length, 'fact')})\n${paintDiff(shown, colours)}`;
};

/** What is wrong with one case, all of it without limits. */
export const caseText = (one: CaseReport, limits: Limits = NO_LIMIT, colours: Paint = paint(false)): string => {
  const { name, trace, error, findings } = one;
  if (error !== undefined) return `${colours.bad('ERROR')} ${name}\n${error}\n`;
  const text = findings.map((finding) => findingText(trace, finding, limits, colours)).join('');
  return `${colours.bad('DIFFERS')} ${colours.strong(name)}\n${text}\n`;
};

const details = ({ cases, summary }: Report, colours: Paint): string => {
  const wrong = cases.filter(({ status }) => ['differs', 'error', 'defect'].includes(status));
  const limits = summary.cases === 1 ? NO_LIMIT : MAX_DIFF;
  const text = wrong.slice(0, MAX_CASES).map((one) => caseText(one, limits, colours));
  const left = wrong.length - text.length;
  return (
    text.join('') + (left > 0 ? `${counted(left, 'more case')} not shown; reporters with a file have them all\n` : '')
  );
};

const knownLines = ({ name, findings }: CaseReport, colours: Paint): readonly string[] =>
  findings.flatMap(({ known, releases }) =>
    known === undefined
      ? []
      : [`${colours.faint('KNOWN')} ${name} under ${releaseSpan(releases)}, until ${known.until}: ${known.reason}\n`],
  );

const listed = ({ cases, strays, expectations }: Report, colours: Paint): string =>
  [
    ...cases.flatMap((one) => knownLines(one, colours)),
    ...expectations.map(({ file, line, message }) => `${colours.bad('EXPECTATION')} ${file}:${line}: ${message}\n`),
    ...strays.map(({ path, message }) => `${colours.bad('STRAY')} ${path}: ${message}\n`),
  ].join('');

const hint = ({ summary, strays }: Report): string =>
  [
    summary.differ > 0
      ? "If that is what should be: 'hvreplay accept', with the same paths, makes it the golden outcome.\n"
      : '',
    strays.some(({ orphan }) => orphan)
      ? "'hvreplay accept --group orphaned' removes golden files without a trace; those of tests belong in a folder of their own.\n"
      : '',
  ].join('');

/** For people: an overview if several things are wrong, then each with its diff, and one line that sums up. */
export const prettyReporter: Reporter = (report, colour) => {
  const colours = paint(colour);
  const sum = summaryLine(report);
  return [
    overview(report, colour),
    details(report, colours),
    listed(report, colours),
    hint(report),
    `${isGreen(report) ? colours.good(sum) : colours.bad(sum)}\n`,
  ].join('');
};
