// SPDX-License-Identifier: GPL-2.0-only
import { formatDifference } from '../../engine/golden/diff.ts';
import { cut, moreLines } from './cut.ts';
import type { CaseReport, FindingReport, Report } from './report-schema.ts';

/** One test of a report, for systems that think in tests: a case under one release. */
export interface Result {
  /** The subject of the case, or what else the test is about. */
  readonly suite: string;
  /** `<subject>/<case> [<release>]`: the same in every run, and no other test's. */
  readonly name: string;
  readonly file: string;
  readonly outcome: 'passed' | 'failed' | 'error' | 'skipped' | 'known';
  /** What is wrong, one line. Empty: nothing. */
  readonly message: string;
  /** The golden file's state, `defect`, … */
  readonly kind: string;
  /** More of what is wrong, in lines. */
  readonly detail: string;
  /** The trace that shows it, if there is one. */
  readonly trace: string | undefined;
}

/** `event 4 physdev.pci_device_add …: -ENODEV, was 0`; undefined for what is no difference of facts. */
export const firstFact = ({ first }: FindingReport): string | undefined =>
  first && formatDifference({ key: first.key, want: first.want, got: first.got });

/** Text without line breaks. */
export const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, '; ');

/** What a finding means for one release. The diff is with the first release that it is about. */
const ofFinding = (finding: FindingReport, release: string): Pick<Result, 'message' | 'kind' | 'detail'> => {
  const fact = firstFact(finding);
  const [owner] = finding.releases;
  return {
    kind: finding.kind,
    message: oneLine(fact === undefined ? finding.message : `${finding.message}: ${fact}`),
    detail:
      finding.diff !== undefined && owner !== release
        ? `the same difference as under ${owner}\n`
        : (finding.diff ?? ''),
  };
};

const PLACE = /^(.+?):(\d+):\d+: /;

/** Where a case's error is: the file that its first line begins with, the trace or its machine, if it says a line. */
export const placeOf = ({ trace, error = '' }: CaseReport): { readonly file: string; readonly line?: number } => {
  const [, file, line] = PLACE.exec(error) ?? [];
  // Lines of a machine within a trace are not those of the trace.
  return file === undefined || (file !== trace && file.startsWith(trace))
    ? { file: trace }
    : { file, line: Number(line) };
};

const worstOf = (findings: readonly FindingReport[]): FindingReport | undefined =>
  findings.find(({ known }) => known === undefined) ?? findings[0];

const ofRelease = (one: CaseReport, release: string): Result => {
  const common = { suite: suiteOf(one), name: `${one.name} [${release}]`, file: one.trace, trace: one.trace };
  const findings = one.findings.filter(({ releases }) => releases.includes(release));
  const worst = worstOf(findings);
  if (worst === undefined) return { ...common, outcome: 'passed', message: '', kind: '', detail: '' };
  const { message, kind, detail } = ofFinding(worst, release);
  if (worst.known === undefined) return { ...common, outcome: 'failed', message, kind, detail };
  const { reason, until } = worst.known;
  return { ...common, outcome: 'known', message: oneLine(`known until ${until}: ${reason}`), kind: 'known', detail };
};

const suiteOf = ({ name }: CaseReport): string => name.slice(0, name.indexOf('/'));

const ofCase = (one: CaseReport): readonly Result[] => {
  const common = { suite: suiteOf(one), name: one.name, file: one.trace };
  if (one.status === 'skipped') {
    const message = 'no selected release applies';
    return [{ ...common, outcome: 'skipped', message, kind: 'skipped', detail: '', trace: undefined }];
  }
  if (one.error !== undefined) {
    const [message = ''] = one.error.split('\n');
    return [{ ...common, outcome: 'error', message, kind: one.status, detail: one.error, trace: one.trace }];
  }
  const further = one.findings.flatMap(({ releases }) => releases.filter((name) => !one.releases.includes(name)));
  return [...one.releases, ...new Set(further)].map((release) => ofRelease(one, release));
};

/** Readers of JUnit and TAP show so much of what is wrong; some refuse files beyond a few MiB. */
const MAX_DETAIL = { lines: 100, characters: 8000 };

export const shownDetail = ({ detail, trace }: Result): string => cut(detail, MAX_DETAIL, moreLines(trace));

/** Every test of a report, in its order. */
export const resultsOf = (report: Report): readonly Result[] => {
  const failed = { outcome: 'failed', detail: '', trace: undefined } as const;
  return [
    ...report.cases.flatMap(ofCase),
    ...report.strays.map(({ path, message }) => ({
      ...failed,
      ...{ suite: 'strays', name: `stray ${path}`, file: path, message: oneLine(message), kind: 'stray' },
    })),
    ...report.expectations.map((entry) => ({
      ...{ ...failed, suite: 'expectations', name: `expectation ${entry.case} [${entry.release}]` },
      ...{ file: entry.file, message: oneLine(entry.message), kind: 'expectation' },
    })),
  ];
};
