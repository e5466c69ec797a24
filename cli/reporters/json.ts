// SPDX-License-Identifier: GPL-2.0-only
import { differences, unifiedDiff } from '../../engine/golden/diff.ts';
import type { Finding } from '../../engine/golden/layout.ts';
import { type CaseReport, describeFinding, type Reporter } from './report.ts';

const statusOf = ({ error, findings }: CaseReport): string => {
  if (error !== undefined) return error.defect ? 'defect' : 'error';
  return findings.length === 0 ? 'agrees' : 'differs';
};

const findingJson = (report: CaseReport, finding: Finding): unknown => {
  const file = `${report.goldenFolder}/${finding.golden}.txt`;
  const common = { kind: finding.kind, golden: file, message: describeFinding(report, finding) };
  if (finding.kind !== 'differs') return common;
  const { want, got, releases } = finding;
  return {
    ...common,
    releases,
    differences: differences(want, got),
    diff: unifiedDiff(file, `${report.trace} under ${releases[0]}`, want, got),
  };
};

/** One JSON document: `summary`, `cases` with their findings, `strays`. */
export const jsonReporter: Reporter = (report) =>
  `${JSON.stringify(
    {
      summary: report.summary,
      cases: report.cases.map((one) => ({
        name: one.name,
        trace: one.trace,
        status: statusOf(one),
        replays: one.replays,
        ...(one.error === undefined ? {} : { error: one.error.message }),
        ...(one.findings.length === 0 ? {} : { findings: one.findings.map((finding) => findingJson(one, finding)) }),
      })),
      strays: report.strays,
    },
    undefined,
    2,
  )}\n`;
