// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CASE_ID, type CaseData, INDEX_ID, type ReportIndex } from '../../../../cli/reporters/html/data.ts';
import { htmlReporter } from '../../../../cli/reporters/html/html.ts';
import { makeReport } from '../../../../cli/reporters/report.ts';
import type { CaseReport } from '../../../../cli/reporters/report-schema.ts';
import { runCommand } from '../../run-command.ts';
import { scratch } from '../../scratch.ts';
import { differingCase, sampleCase, sampleReport } from '../sample-report.ts';

const pageOf = (...cases: readonly CaseReport[]): string =>
  htmlReporter(makeReport({ cases: [...cases], strays: [], expectations: [] }, undefined), false);

const blockOf = (page: string, id: string): string =>
  new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`, 's').exec(page)?.[1] ?? '';

const indexOf = (page: string): ReportIndex => JSON.parse(blockOf(page, INDEX_ID));
const caseOf = (page: string, at: number): CaseData => JSON.parse(blockOf(page, `${CASE_ID}${at}`));

const HOSTILE = '</script><img src=x onerror=alert(1)><!-- \u2028 $& $1 <script>';

describe('the page', () => {
  test('holds everything that the report does, what needs a look first', () => {
    const report = sampleReport();
    const { cases, strays, expectations, summary } = indexOf(htmlReporter(report, false));
    expect(cases.map(({ status }) => status)).toEqual([
      ...['defect', 'error', 'differs', 'differs', 'known', 'agrees', 'skipped'],
    ]);
    expect({ strays, expectations, summary }).toEqual({
      ...{ strays: report.strays, expectations: report.expectations, summary: report.summary },
    });
  });

  test('needs nothing from a network and runs no script but its own', () => {
    const page = htmlReporter(sampleReport(), false);
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const [script = ''] = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => text);
    const digest = createHash('sha256').update(script).digest('base64');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src 'sha256-${digest}'`);
    expect(page).not.toMatch(/<(link|img|iframe)\b|\b(src|href)=|@import|url\(["']?http/);
  });

  test('no text of a trace ends a block or gets lost on the way', () => {
    const page = pageOf(
      sampleCase('a/b', { title: HOSTILE, status: 'error', error: HOSTILE }),
      differingCase('a/c', { message: HOSTILE, diff: HOSTILE }),
    );
    expect(page).not.toContain('<img');
    expect(page.match(/<\/script>/g)).toHaveLength(4);
    expect(indexOf(page).cases[0]?.title).toBe(HOSTILE);
    expect(caseOf(page, 0).error).toBe(HOSTILE);
    expect(caseOf(page, 1).findings[0]).toMatchObject({ message: HOSTILE, diff: { unified: HOSTILE } });
  });

  test('explains the rules that its timelines name', () => {
    const timeline = JSON.stringify({ steps: [{ rules: [['vf.pf-unknown', '0000:03:10.0']] }] });
    const page = pageOf(sampleCase('a/b', { outcomes: [{ releases: ['r1'], timeline }] }));
    expect(Object.keys(indexOf(page).rules)).toEqual(['vf.pf-unknown']);
  });
});

describe('what is too much', () => {
  const MIB = 2 ** 20;
  const heavy = (name: string, more: Partial<CaseReport> = {}): CaseReport =>
    sampleCase(name, { outcomes: [{ releases: ['r1'], timeline: JSON.stringify('x'.repeat(12 * MIB)) }], ...more });

  test('is left out with a reason, and cases that agree give way to those that do not', () => {
    const page = pageOf(heavy('a/1'), heavy('a/2'), heavy('a/3', { status: 'differs' }));
    expect(indexOf(page).cases.map(({ name }) => name)).toEqual(['a/3', 'a/1', 'a/2']);
    expect(caseOf(page, 1).outcomes[0]).toHaveProperty('timeline');
    expect(caseOf(page, 2).outcomes).toEqual([{ releases: ['r1'], leftOut: expect.stringContaining('MiB') }]);
  });

  test('is said of rows of a diff too', () => {
    const lines = Array.from({ length: 3000 }, (_none, index) => `+event ${index} cfg.read: 0\n`).join('');
    const diff = `--- a\n+++ b\n@@ -0,0 +1,3000 @@\n${lines}`;
    expect(caseOf(pageOf(differingCase('a/b', { diff })), 0).findings[0]?.diff).toMatchObject({ rowsLeftOut: 1000 });
  });
});

test('merged from shards, the page is that of the run without shards', async () => {
  const original = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
  const files = ['traces/bars/move.csv', 'traces/bars/decoding-on-and-off.csv', 'traces/machines/two-nics.yaml'];
  const here = scratch(Object.fromEntries(files.map((path) => [path, original(path)])));
  const check = (name: string, ...words: readonly string[]) =>
    runCommand(['check', here.at('traces'), '--reporter', `html=${here.at(name)}`, ...words]);
  await runCommand(['accept', here.at('traces')]);
  await check('whole.html');
  const shards = [1, 2].map((index) => here.at(`${index}.json`));
  for (const [at, file] of shards.entries())
    await check('part.html', '--shard', `${at + 1}/2`, '--reporter', `json=${file}`);
  await runCommand(['merge', ...shards, '--reporter', `html=${here.at('merged.html')}`]);
  expect(indexOf(here.read('whole.html')).cases).toHaveLength(2);
  const { timeline = '' } = caseOf(here.read('whole.html'), 0).outcomes[0] ?? {};
  const [, line = ''] = /"line":(\d+)/.exec(timeline) ?? [];
  const row = original('traces/bars/decoding-on-and-off.csv').split('\n')[Number(line) - 1];
  expect(row).toMatch(/^boot\.hwdom_setup,/);
  expect(here.read('merged.html')).toBe(here.read('whole.html'));
});
