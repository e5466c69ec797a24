// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { planCorpus } from '../../cli/accept-corpus.ts';
import { checkCases, reportOn } from '../../cli/check-corpus.ts';
import { discover } from '../../cli/corpus.ts';
import { exitCodeOf } from '../../cli/reporters/report.ts';
import type { Report } from '../../cli/reporters/report-schema.ts';
import { loadReview } from '../../cli/review.ts';
import { makeSession } from '../../cli/session.ts';
import { writeAtomic } from '../../cli/write-files.ts';
import { type Scratch, scratchCorpus } from './scratch.ts';
import { stubModel, traceText } from './stub-model.ts';

const TODAY = '2026-03-01';

const corpusOf = (path: string) => {
  const found = discover([path], undefined);
  if (!found.ok) throw new Error(found.message);
  return found.corpus;
};

/** A corpus of two cases, one of which answers otherwise since r3 than its golden file says. */
const differing = (list: string): Scratch => {
  const here = scratchCorpus({
    's/a.csv': traceText({ r1: '0', r3: '-ENODEV' }),
    's/b.csv': traceText({ r1: '0' }),
  });
  const corpus = corpusOf(here.at('traces'));
  for (const { path, text = '' } of planCorpus(makeSession(stubModel), corpus, {}, () => undefined).steps)
    writeAtomic(path, text);
  here.write('golden/s/a/r3.txt', here.read('golden/s/a/r3.txt').replace(': -ENODEV', ': -EBUSY'));
  if (list !== '') here.write('golden/expectations.yaml', `known:\n${list}`);
  return here;
};

const check = (here: Scratch, path = 'traces', only?: readonly string[]): Report => {
  const corpus = corpusOf(here.at(path));
  const review = loadReview(corpus, only, TODAY, stubModel);
  if (!review.ok) throw new Error(review.message);
  const choices = stubModel.series[0]?.filter(({ name }) => only?.includes(name) ?? true) ?? [];
  const cases = checkCases(makeSession(stubModel), corpus, { only: choices }, () => undefined);
  return reportOn(corpus, cases, review.value, undefined);
};

const entry = (name: string, release: string, until = '2026-12-31', more = ''): string =>
  `  - { case: ${name}, release: ${release}, reason: firmware, until: ${until}${more} }\n`;

const failures = (report: Report): readonly string[] =>
  report.expectations.map(({ line, message }) => `${line} ${message}`);

describe('expectations', () => {
  test('make a difference known, under the releases that they name', () => {
    const report = check(differing(entry('s/a', 'r3') + entry('s/a', 'r4')));
    expect(report.cases[0]).toMatchObject({
      status: 'known',
      findings: [{ releases: ['r3', 'r4'], known: { reason: 'firmware', until: '2026-12-31' } }],
    });
    expect(report.summary).toMatchObject({ known: 1, differ: 0, agree: 1 });
    expect(exitCodeOf(report)).toBe(0);
  });

  test('leave what they do not name as it is', () => {
    const report = check(differing(entry('s/a', 'r4')));
    expect(report.cases[0]).toMatchObject({
      status: 'differs',
      findings: [
        {
          releases: ['r3'],
          message: expect.stringMatching(/^r3: the outcome is not/),
          diff: expect.stringMatching(/under r3\n/),
        },
        { releases: ['r4'], known: { reason: 'firmware' }, diff: expect.stringMatching(/under r4\n/) },
      ],
    });
    expect(report.cases[0]?.findings[0]?.known).toBeUndefined();
    expect(exitCodeOf(report)).toBe(1);
  });

  test.each([
    ['that does not apply any more', entry('s/b', 'r2'), '2 s/b, r2: does not apply any more'],
    ['past its day', entry('s/a', 'r3', '2026-02-28') + entry('s/a', 'r4'), '2 s/a, r3: expired on 2026-02-28'],
    ['of a release that does not apply', entry('s/b', 'g1'), '2 s/b, g1: the release does not apply'],
    ['of a case that is not there', entry('s/zz', 'r1'), '2 s/zz, r1: the corpus has no such case'],
    [
      'of another outcome',
      entry('s/a', 'r3', '2026-12-31', ', outcome: "0123456789abcdef"'),
      '2 s/a, r3: the outcome is another',
    ],
  ])('fail for an entry %s', (_what, list, message) => {
    const report = check(differing(list));
    expect(failures(report)).toEqual([expect.stringContaining(message)]);
    expect(exitCodeOf(report)).toBe(1);
  });

  test('may name the only outcome that is meant', () => {
    const outcome = check(differing('')).cases[0]?.findings[0]?.outcome;
    const list = [`r3`, 'r4'].map((release) => entry('s/a', release, '2026-12-31', `, outcome: "${outcome}"`)).join('');
    expect(exitCodeOf(check(differing(list)))).toBe(0);
  });

  test('are about what was selected only', () => {
    const here = differing(entry('s/a', 'r3') + entry('s/a', 'r4') + entry('s/zz', 'r1'));
    expect(failures(check(here, 'traces/s/b.csv'))).toEqual([]);
    expect(failures(check(here, 'traces/s', ['r1', 'r3']))).toEqual([]);
  });

  test.each([
    ['known:\n  - { case: s/a }\n', 'release: expected the name of a release'],
    [`known:\n${entry('s/a', 'r3').repeat(2)}`, 'is listed twice'],
    [`known:\n${entry('s/a', 'r3', 'soon')}`, 'until: expected the last day'],
    [`known:\n${entry('s/a', 'r3', '2027-02-29')}`, 'until: expected the last day'],
    [`known:\n${entry('s/a', 'r3', '2099-06-31')}`, 'until: expected the last day'],
    [`known:\n${entry('s/a', 'r3', '2026-12-31', ', outcome: 12')}`, 'outcome: expected 16 hex digits'],
    [`known:\n${entry('s/a', 'r3..')}`, "expectations.yaml:2: unknown release 'r3..'"],
    ['[', 'expectations.yaml:'],
  ])('are refused where the list is wrong: %j', (text, message) => {
    const here = differing('');
    here.write('golden/expectations.yaml', text);
    expect(loadReview(corpusOf(here.at('traces')), undefined, TODAY, stubModel)).toEqual({
      ...{ ok: false, message: expect.stringContaining(message) },
    });
  });
});
