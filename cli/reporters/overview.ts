// SPDX-License-Identifier: GPL-2.0-only
import { type Paint, paint } from '../colour.ts';
import { counted, short } from '../text.ts';
import { commandFor } from './cut.ts';
import type { CaseReport, FindingReport, Report } from './report-schema.ts';

/** What of each kind fits on the first screen of a log, whose lines are longer than a terminal's. */
const LOG_WIDTH = 100;
const MAX_CAUSES = 3;
const MAX_ERRORS = 2;
const MAX_STRAYS = 2;
const MAX_NAMES = 4;

/** `177 cases, 1257 replays: 175 agree, 2 differ`. */
export const summaryLine = ({ summary, shard }: Report): string => {
  const { cases, replays, agree, differ, known, errors, skipped, strays, expectations } = summary;
  const parts = [
    `${agree} agree`,
    ...(differ > 0 ? [`${differ} differ`] : []),
    ...(known > 0 ? [`${known} differ as known`] : []),
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(strays > 0 ? [counted(strays, 'stray file')] : []),
    ...(expectations > 0 ? [`${counted(expectations, 'expectation')} out of date`] : []),
  ];
  const part = shard === undefined ? '' : `shard ${shard.index} of ${shard.count}: `;
  return `${part}${counted(cases, 'case')}, ${counted(replays, 'replay')}: ${parts.join(', ')}`;
};

export const isGreen = ({ summary }: Report): boolean =>
  summary.differ + summary.errors + summary.strays + summary.expectations === 0 && summary.cases > 0;

/** A finding that nobody expects, with its case. */
interface Open {
  readonly one: CaseReport;
  readonly finding: FindingReport;
}

const HYGIENE: Readonly<Record<FindingReport['kind'], string>> = {
  differs: 'the outcome differs',
  stale: 'accepted before the trace or its machine was edited',
  missing: 'golden file missing',
  redundant: 'golden file says what that of an older release says',
  malformed: 'not a golden file of this version',
  inapplicable: 'golden file of a release that does not apply',
};

const groupsOf = (cases: readonly CaseReport[]): ReadonlyMap<string, readonly Open[]> => {
  const groups = new Map<string, Open[]>();
  for (const one of cases)
    for (const finding of one.findings) {
      if (finding.known !== undefined) continue;
      const { cause, kind } = finding;
      const name = cause?.name ?? HYGIENE[kind];
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [{ one, finding }]);
      else group.push({ one, finding });
    }
  return new Map([...groups].sort(([, a], [, b]) => b.length - a.length));
};

const namesOf = (group: readonly Open[]): string => {
  const names = [...new Set(group.map(({ one }) => one.name))];
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${names.slice(0, MAX_NAMES).join(', ')}${more}`;
};

const factLines = ({ first }: FindingReport, place: string): readonly string[] => {
  if (first === undefined) return [];
  const { key, want = 'nothing', got = 'nothing' } = first;
  const half = LOG_WIDTH / 2 - 10;
  return [
    `  ${place}`,
    `    ${short(key, LOG_WIDTH - 4)}`,
    `    golden: ${short(want, half)}, now: ${short(got, half)}`,
  ];
};

const groupText = (cause: string, group: readonly Open[], colours: Paint): readonly string[] => {
  const [first] = group;
  if (first === undefined) return [];
  const { one, finding } = first;
  const names = new Set(group.map(({ one: { name } }) => name));
  const place = `${one.trace}${finding.first?.line === undefined ? '' : `:${finding.first.line}`}`;
  return [
    `${colours.bad('DIFFERS')} ${counted(names.size, 'case')}: ${short(cause, LOG_WIDTH - 20)}`,
    ...(finding.cause?.says === undefined ? [] : [`  ${short(finding.cause.says, LOG_WIDTH - 2)}`]),
    `  ${namesOf(group)}`,
    ...factLines(finding, `${place} under ${finding.releases[0]}`),
  ];
};

const more = (hidden: number, what: string): readonly string[] =>
  hidden > 0 ? [`and ${counted(hidden, what)} more`] : [];

/** The first screen of a red run: how much is wrong, why, and where to look; empty when one thing is wrong at most. */
export const overview = (report: Report, colour: boolean): string => {
  const colours = paint(colour);
  const { cases, strays, expectations } = report;
  const broken = cases.filter(({ error }) => error !== undefined);
  const groups = [...groupsOf(cases)];
  const wrong = broken.length + groups.reduce((sum, [, { length }]) => sum + length, 0);
  if (wrong + strays.length + expectations.length < 2) return '';
  const trace = broken[0]?.trace ?? groups[0]?.[1][0]?.one.trace;
  const lines = [
    colours.bad(summaryLine(report)),
    '',
    ...broken
      .slice(0, MAX_ERRORS)
      .map(
        ({ name, error = '' }) => `${colours.bad('ERROR')} ${name}\n  ${short(error.split('\n')[0] ?? '', LOG_WIDTH)}`,
      ),
    ...more(broken.length - MAX_ERRORS, 'error'),
    ...groups.slice(0, MAX_CAUSES).flatMap(([cause, group]) => groupText(cause, group, colours)),
    ...more(groups.length - MAX_CAUSES, 'cause'),
    ...expectations
      .slice(0, MAX_STRAYS)
      .map(({ file, line, message }) => `${colours.bad('EXPECTATION')} ${file}:${line}: ${message}`),
    ...more(expectations.length - MAX_STRAYS, 'expectation'),
    ...strays.slice(0, MAX_STRAYS).map(({ path, message }) => `${colours.bad('STRAY')} ${path}: ${message}`),
    ...more(strays.length - MAX_STRAYS, 'stray file'),
    ...(trace === undefined || report.summary.cases === 1 ? [] : ['', `One case, all of it: ${commandFor(trace)}`]),
  ];
  return `${lines.join('\n')}\n\n`;
};
