// SPDX-License-Identifier: GPL-2.0-only

import { sha256 } from '../files.ts';
import { formatJson } from '../text.ts';
import type { Reporter } from './report.ts';
import type { CaseReport, FindingReport, Report } from './report-schema.ts';
import { firstFact, oneLine, placeOf } from './results.ts';

type Severity = 'info' | 'minor' | 'major' | 'critical' | 'blocker';

interface Issue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: Severity;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/** `identity`: what stays the same while the issue is the same; values that changed are no part of it. */
const issue = (
  check: string,
  severity: Severity,
  place: { readonly path: string; readonly line?: number | undefined },
  description: string,
  ...identity: readonly string[]
): Issue => ({
  description: oneLine(description),
  check_name: `hvreplay/${check}`,
  fingerprint: sha256([check, ...identity].join('\0')),
  severity,
  location: { path: place.path.replace(/^(?:\.\/)+/, ''), lines: { begin: place.line ?? 1 } },
});

const ofFinding = ({ name, trace, title }: CaseReport, finding: FindingReport): Issue => {
  const { kind, golden, first, known, message } = finding;
  const place = kind === 'differs' ? { path: trace, line: first?.line } : { path: golden };
  const fact = firstFact(finding);
  const what = `${message}${fact === undefined ? '' : `: ${fact}`}${title === undefined ? '' : ` (${title})`}`;
  const [release = ''] = finding.releases;
  if (known === undefined)
    return issue(kind, kind === 'differs' ? 'major' : 'minor', place, what, name, golden, release);
  return issue('known', 'info', place, `known until ${known.until}: ${known.reason}: ${what}`, name, golden, release);
};

const ofCase = (one: CaseReport): readonly Issue[] => {
  if (one.error === undefined) return one.findings.map((finding) => ofFinding(one, finding));
  const [line = ''] = one.error.split('\n');
  const { file: path, line: at } = placeOf(one);
  const severity = one.status === 'defect' ? 'blocker' : 'critical';
  return [issue(one.status, severity, { path, line: at }, line, one.name)];
};

const issuesOf = (report: Report): readonly Issue[] => [
  ...report.cases.flatMap(ofCase),
  ...report.strays.map(({ path, message }) => issue('stray', 'minor', { path }, message, path)),
  ...report.expectations.map((entry) =>
    issue('expectation', 'major', { path: entry.file, line: entry.line }, entry.message, entry.case, entry.release),
  ),
];

/** GitLab's code quality report: an issue for each finding, at the row of the trace that first answers otherwise. */
export const gitlabReporter: Reporter = (report) => formatJson(issuesOf(report));
