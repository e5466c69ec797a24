// SPDX-License-Identifier: GPL-2.0-only
import { create } from 'xmlbuilder2';
import type { Reporter } from './report.ts';
import { type Result, resultsOf, shownDetail } from './results.ts';

const MAX_MESSAGE_CHARS = 400;

/** Nothing is measured here, so that the same outcome gives the same bytes; the attribute is one that readers expect. */
const TIME = '0';

/** What XML 1.0 has no way to write, halves of surrogate pairs included. */
const UNWRITABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** The builder takes `&…;` for a reference that somebody wrote on purpose; here an ampersand is an ampersand. */
const clean = (text: string): string => text.replace(UNWRITABLE, '\ufffd').replaceAll('&', '&amp;');

const attribute = (text: string): string => clean(text.replace(/\s/g, ' '));

const shortMessage = (message: string): string =>
  attribute(message.length <= MAX_MESSAGE_CHARS ? message : `${message.slice(0, MAX_MESSAGE_CHARS)} …`);

const element = { failed: 'failure', error: 'error', known: 'skipped', skipped: 'skipped', passed: '' } as const;

type Node = ReturnType<typeof create>;

const addTest = (suite: Node, result: Result): void => {
  const test = suite.ele('testcase', {
    ...{ classname: attribute(result.suite), name: attribute(result.name), time: TIME, file: attribute(result.file) },
  });
  const { outcome, kind } = result;
  if (outcome === 'passed') return;
  const message = shortMessage(result.message);
  if (outcome === 'known' || outcome === 'skipped') test.ele(element[outcome], { message });
  else test.ele(element[outcome], { message, type: kind }).txt(clean(shownDetail(result)));
};

const counts = (results: readonly Result[]) => {
  const having = (...outcomes: readonly Result['outcome'][]): string =>
    String(results.filter(({ outcome }) => outcomes.includes(outcome)).length);
  return {
    tests: String(results.length),
    failures: having('failed'),
    errors: having('error'),
    skipped: having('skipped', 'known'),
    time: TIME,
  };
};

/** JUnit XML as Jenkins, GitLab and others read it: a suite for each subject, a test for each case and release. */
export const junitReporter: Reporter = (report) => {
  const results = resultsOf(report);
  const { skipped, ...totals } = counts(results);
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', { name: 'hvreplay', ...totals });
  for (const name of new Set(results.map(({ suite }) => suite))) {
    const own = results.filter(({ suite }) => suite === name);
    const suite = root.ele('testsuite', { name: attribute(name), ...counts(own) });
    for (const result of own) addTest(suite, result);
  }
  return `${root.end({ prettyPrint: true })}\n`;
};
