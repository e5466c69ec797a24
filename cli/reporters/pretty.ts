// SPDX-License-Identifier: GPL-2.0-only
import { differences, unifiedDiff } from '../../engine/golden/diff.ts';
import type { Finding } from '../../engine/golden/layout.ts';
import { type Paint, paint, paintDiff } from '../colour.ts';
import { type CaseReport, describeFinding, type Reporter, type Summary } from './report.ts';

const MAX_DIFF_LINES = 200;

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

const shorten = (diff: string): string => {
  const lines = diff.split('\n');
  if (lines.length <= MAX_DIFF_LINES) return diff;
  return [...lines.slice(0, MAX_DIFF_LINES), `… ${lines.length - MAX_DIFF_LINES} more lines`, ''].join('\n');
};

const findingText = (report: CaseReport, finding: Finding, colours: Paint): string => {
  const sentence = describeFinding(report, finding);
  if (finding.kind !== 'differs') return `  ${sentence}\n`;
  const { want, got, golden, releases } = finding;
  const file = `${report.goldenFolder}/${golden}.txt`;
  const count = plural(differences(want, got).length, 'fact');
  const diff = unifiedDiff(file, `${report.trace} under ${releases[0]}`, want, got);
  return `  ${sentence} (${count})\n${paintDiff(shorten(diff), colours)}`;
};

const caseText = (report: CaseReport, colours: Paint): string => {
  if (report.error !== undefined) return `${colours.bad('ERROR')} ${report.name}\n${report.error.message}\n`;
  if (report.findings.length === 0) return '';
  const findings = report.findings.map((finding) => findingText(report, finding, colours)).join('');
  return `${colours.bad('DIFFERS')} ${colours.strong(report.name)}\n${findings}\n`;
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
