// SPDX-License-Identifier: GPL-2.0-only
import { commandFor, cut, moreLines } from './cut.ts';
import { summaryLine } from './overview.ts';
import type { Reporter } from './report.ts';
import type { CaseReport, FindingReport, Report } from './report-schema.ts';
import { firstFact, placeOf } from './results.ts';

/** GitHub shows so many annotations of a step; what comes after them is not seen. */
const MAX_ANNOTATIONS = 10;
/** A job summary may have 1 MiB. */
const MAX_DIFFS = 20;
const MAX_DIFF = { lines: 60, characters: 8000 };

interface Annotation {
  readonly file: string;
  readonly line?: number | undefined;
  readonly title: string;
  readonly message: string;
}

const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const command = ({ file, line, title, message }: Annotation): string => {
  const place = [`file=${escapeProperty(file)}`, ...(line === undefined ? [] : [`line=${line}`])];
  return `::error ${[...place, `title=${escapeProperty(title)}`].join(',')}::${escapeData(message.trimEnd())}\n`;
};

const unknownOnes = ({ findings }: CaseReport): readonly FindingReport[] =>
  findings.filter(({ known }) => known === undefined);

const ofFinding = ({ name, trace }: CaseReport, finding: FindingReport): Annotation => {
  const { kind, golden, first, message } = finding;
  const fact = firstFact(finding);
  const rules = first === undefined || first.rules.length === 0 ? '' : `\ndecided by ${first.rules.join(', ')}`;
  return {
    ...(kind === 'differs' ? { file: trace, line: first?.line } : { file: golden }),
    title: `${name} ${kind === 'differs' ? 'differs' : `has a golden file that is ${kind}`}`,
    message: `${message}${fact === undefined ? '' : `\n${fact}`}${rules}\n${commandFor(trace)}`,
  };
};

const annotationsOf = (report: Report): readonly Annotation[] => {
  const broken = report.cases.flatMap((one) =>
    one.error === undefined ? [] : [{ ...placeOf(one), title: `${one.name}: ${one.status}`, message: one.error }],
  );
  return [
    ...broken,
    ...report.cases.flatMap((one) => unknownOnes(one).map((finding) => ofFinding(one, finding))),
    ...report.expectations.map((entry) => ({
      ...{ file: entry.file, line: entry.line, title: `expectation of ${entry.case} under ${entry.release}` },
      message: entry.message,
    })),
    ...report.strays.map(({ path, message }) => ({ file: path, title: 'stray file', message })),
  ];
};

/** Annotations of GitHub Actions, worst first: workflow commands, for stdout. The last says how many were left out. */
export const githubReporter: Reporter = (report) => {
  const all = annotationsOf(report);
  if (all.length <= MAX_ANNOTATIONS) return all.map(command).join('');
  const shown = all.slice(0, MAX_ANNOTATIONS - 1);
  const rest = `::error title=hvreplay::${all.length - shown.length} more findings, see the log or the job summary\n`;
  return shown.map(command).join('') + rest;
};

/** Text in a cell of a table. */
const cell = (text: string): string => text.replace(/[\\`*_{}[\]<>|#&]/g, '\\$&').replace(/\s+/g, ' ');

const html = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A fence that `text` cannot end. */
const fenced = (text: string): string => {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}diff\n${text.replace(/\n$/, '')}\n${fence}\n`;
};

const rowsOf = (report: Report): readonly string[] => [
  ...report.cases.flatMap(({ name, status, error }) =>
    error === undefined ? [] : [`| ${cell(name)} | ${status} | ${cell(error.split('\n')[0] ?? '')} |`],
  ),
  ...report.cases.flatMap((one) =>
    one.findings.map((finding) => {
      const kind = finding.known === undefined ? finding.kind : 'known';
      return `| ${cell(one.name)} | ${kind} | ${cell(firstFact(finding) ?? finding.message)} |`;
    }),
  ),
  ...report.expectations.map((entry) => `| ${cell(entry.case)} | expectation | ${cell(entry.message)} |`),
  ...report.strays.map(({ path, message }) => `| ${cell(path)} | stray | ${cell(message)} |`),
];

const diffsOf = (report: Report): readonly string[] => {
  const diffs = report.cases.flatMap((one) =>
    unknownOnes(one).flatMap(({ diff, message }) => (diff === undefined ? [] : [{ ...one, diff, message }])),
  );
  const shown = diffs.slice(0, MAX_DIFFS).map(({ name, trace, diff, message }) => {
    const text = cut(diff, MAX_DIFF, moreLines(trace));
    return `<details><summary>${html(name)}</summary>\n\n${cell(message)}\n\n${fenced(text)}\n</details>\n`;
  });
  const left = diffs.length - shown.length;
  return left > 0 ? [...shown, `${left} more differences are in the log.\n`] : shown;
};

/** Markdown for a job summary: `--reporter github-summary="$GITHUB_STEP_SUMMARY"`. */
export const githubSummaryReporter: Reporter = (report) => {
  const rows = rowsOf(report);
  const table = rows.length === 0 ? [] : ['| case | what | first difference |\n|---|---|---|', ...rows, ''];
  return `${['## hvreplay', '', cell(summaryLine(report)), '', ...table, ...diffsOf(report)].join('\n').trimEnd()}\n`;
};
