// SPDX-License-Identifier: GPL-2.0-only
import { sideBySide } from '../../../engine/golden/side-by-side.ts';
import { pageTemplate } from '../../files.ts';
import { rules } from '../../model.ts';
import type { Reporter } from '../report.ts';
import type { CaseReport, FindingReport, Report } from '../report-schema.ts';
import { CASE_ID, type CaseData, type CaseRow, type FindingData, INDEX_ID, type ReportIndex } from './data.ts';

/** Where the template takes the blocks of JSON. */
const DATA = '<!--data-->';

/** What the page may hold: beyond that, rows of a diff, and timelines of the last cases, are left out. */
const MAX_DIFF_ROWS = 2000;
const MAX_TIMELINES_LENGTH = 2 ** 25;

const ORDER: Readonly<Record<CaseReport['status'], number>> = {
  ...{ defect: 0, error: 1, differs: 2, known: 3, agrees: 4, skipped: 5 },
};

/** JSON in a block that no text in it can end: markup needs a `<`. */
const block = (id: string, value: unknown): string =>
  `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>\n`;

const rowOf = ({ name, trace, title = '', status, releases }: CaseReport): CaseRow => ({
  ...{ name, trace, title, status },
  replays: releases.length,
});

const findingData = ({ message, releases, golden, edited, differences, known, diff }: FindingReport): FindingData => {
  const rows = diff === undefined ? [] : sideBySide(diff);
  return {
    ...{ message, releases, golden },
    ...(differences === undefined ? {} : { differences: differences.slice(0, MAX_DIFF_ROWS) }),
    ...(known === undefined ? {} : { known }),
    ...(edited === undefined ? {} : { edited }),
    ...(diff === undefined
      ? {}
      : {
          diff: {
            rows: rows.slice(0, MAX_DIFF_ROWS),
            rowsLeftOut: Math.max(0, rows.length - MAX_DIFF_ROWS),
            unified: diff,
          },
        }),
  };
};

const NO_ROOM = `the report has ${MAX_TIMELINES_LENGTH / 2 ** 20} MiB of maps already; a report of fewer cases has it`;

/** Hands out room for timelines; what gets none says so. */
const limited = () => {
  let left = MAX_TIMELINES_LENGTH;
  return ({ releases, timeline, ...rest }: CaseData['outcomes'][number]): CaseData['outcomes'][number] => {
    if (timeline === undefined) return { releases, ...rest };
    if (timeline.length > left) return { releases, leftOut: NO_ROOM };
    left -= timeline.length;
    return { releases, timeline };
  };
};

/** Names of rules in the text of timelines, which is JSON. */
const rulesIn = (cases: readonly CaseReport[]): ReportIndex['rules'] => {
  const texts = cases.flatMap(({ outcomes = [] }) => outcomes.map(({ timeline = '' }) => timeline));
  return Object.fromEntries([...rules].filter(([id]) => texts.some((text) => text.includes(`["${id}"`))));
};

const blocks = (report: Report): string => {
  const { summary, strays, expectations, shard } = report;
  const cases = report.cases.toSorted((a, b) => ORDER[a.status] - ORDER[b.status]);
  const limit = limited();
  const index: ReportIndex = {
    ...{ summary, strays, expectations, cases: cases.map(rowOf), rules: rulesIn(cases) },
    ...(shard === undefined ? {} : { shard }),
  };
  return [
    block(INDEX_ID, index),
    ...cases.map(({ error, findings, outcomes = [] }, at) => {
      const data: CaseData = {
        ...(error === undefined ? {} : { error }),
        findings: findings.map(findingData),
        outcomes: outcomes.map(limit),
      };
      return block(`${CASE_ID}${at}`, data);
    }),
  ].join('');
};

/** One page that needs nothing but a browser: the list, each case's differences, and its events on a map. */
export const htmlReporter: Reporter = (report) => {
  const [before = '', after = ''] = pageTemplate().split(DATA);
  return `${before}${blocks(report)}${after}`;
};
