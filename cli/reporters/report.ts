// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '../../engine/golden/layout.ts';
import type { CaseError } from '../case-run.ts';
import type { Stray } from '../corpus.ts';

export interface CaseReport {
  readonly name: string;
  readonly trace: string;
  /** Path of the folder with the case's golden files. */
  readonly goldenFolder: string;
  /** Empty: the case agrees. */
  readonly findings: readonly Finding[];
  readonly error: CaseError | undefined;
  /** How many releases and proposals it was replayed under. */
  readonly replays: number;
}

export interface Summary {
  readonly cases: number;
  readonly replays: number;
  readonly agree: number;
  readonly differ: number;
  readonly errors: number;
  readonly defects: number;
  readonly strays: number;
}

/** What `check` found, for reporters. */
export interface Report {
  readonly cases: readonly CaseReport[];
  readonly strays: readonly Stray[];
  readonly summary: Summary;
}

export type Reporter = (report: Report, colour: boolean) => string;

export const summarize = (cases: readonly CaseReport[], strays: readonly Stray[]): Summary => ({
  cases: cases.length,
  replays: cases.reduce((sum, { replays }) => sum + replays, 0),
  agree: cases.filter(({ error, findings }) => error === undefined && findings.length === 0).length,
  differ: cases.filter(({ error, findings }) => error === undefined && findings.length > 0).length,
  errors: cases.filter(({ error }) => error !== undefined).length,
  defects: cases.filter(({ error }) => error?.defect === true).length,
  strays: strays.length,
});

const fileOf = (report: CaseReport, golden: string): string => `${report.goldenFolder}/${golden}.txt`;

/** `xen-4.19 to xen-4.21 (3 releases)`. */
const releaseSpan = (releases: readonly string[]): string => {
  const [first = '', last = ''] = [releases[0], releases.at(-1)];
  return releases.length <= 1 ? first : `${first} to ${last} (${releases.length} releases)`;
};

/** A finding in one sentence, without the facts that differ. */
export const describeFinding = (report: CaseReport, finding: Finding): string => {
  const file = fileOf(report, finding.golden);
  if (finding.kind === 'differs') return `${releaseSpan(finding.releases)}: the outcome is not what ${file} says`;
  if (finding.kind === 'stale') return `${file}: the outcome agrees, but the trace or its machine was edited since`;
  if (finding.kind === 'missing') return `${file}: missing`;
  if (finding.kind === 'redundant') return `${file}: redundant, it says the same as ${fileOf(report, finding.before)}`;
  if (finding.kind === 'malformed') return `${file}: not a golden file of this version`;
  return `${file}: no release or proposal of this name applies to the case`;
};
