// SPDX-License-Identifier: GPL-2.0-only
import { type Paint, paint, paintDiff } from '../colour.ts';
import type { Reporter } from './report.ts';
import type { CaseReport, FindingReport, Summary } from './report-schema.ts';

const MAX_DIFF_LINES = 200;

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

const shorten = (diff: string): string => {
  const lines = diff.split('\n');
  if (lines.length <= MAX_DIFF_LINES) return diff;
  return [...lines.slice(0, MAX_DIFF_LINES), `… ${lines.length - MAX_DIFF_LINES} more lines`, ''].join('\n');
};

const findingText = (finding: FindingReport, colours: Paint): string => {
  const { message, diff, differences = [] } = finding;
  if (diff === undefined) return `  ${message}\n`;
  return `  ${message} (${plural(differences.length, 'fact')})\n${paintDiff(shorten(diff), colours)}`;
};

const caseText = ({ name, error, findings }: CaseReport, colours: Paint): string => {
  if (error !== undefined) return `${colours.bad('ERROR')} ${name}\n${error}\n`;
  if (findings.length === 0) return '';
  const text = findings.map((finding) => findingText(finding, colours)).join('');
  return `${colours.bad('DIFFERS')} ${colours.strong(name)}\n${text}\n`;
};

const summaryText = (summary: Summary, colours: Paint): string => {
  const parts = [`${summary.agree} agree`];
  if (summary.differ > 0) parts.push(`${summary.differ} differ`);
  if (summary.errors > 0) parts.push(plural(summary.errors, 'error'));
  if (summary.strays > 0) parts.push(plural(summary.strays, 'stray file'));
  const text = `${plural(summary.cases, 'case')}, ${plural(summary.replays, 'replay')}: ${parts.join(', ')}`;
  return `${parts.length === 1 ? colours.good(text) : colours.bad(text)}\n`;
};

/** For people: what does not agree, as diffs, and one line that sums up. */
export const prettyReporter: Reporter = (report, colour) => {
  const colours = paint(colour);
  const strays = report.strays.map(({ path, message }) => `${colours.bad('STRAY')} ${path}: ${message}\n`).join('');
  const hint =
    report.summary.differ > 0 || report.strays.some(({ orphan }) => orphan)
      ? "If that is what should be: 'hvreplay accept', with the same paths, makes it the golden outcome.\n"
      : '';
  return [
    ...report.cases.map((one) => caseText(one, colours)),
    strays,
    hint,
    summaryText(report.summary, colours),
  ].join('');
};
