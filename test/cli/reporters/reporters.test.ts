// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { githubReporter, githubSummaryReporter } from '../../../cli/reporters/github.ts';
import { gitlabReporter } from '../../../cli/reporters/gitlab.ts';
import { junitReporter } from '../../../cli/reporters/junit.ts';
import { prettyReporter } from '../../../cli/reporters/pretty.ts';
import { makeReport } from '../../../cli/reporters/report.ts';
import type { CaseReport, Report } from '../../../cli/reporters/report-schema.ts';
import { tapReporter } from '../../../cli/reporters/tap.ts';
import { requireProgram } from '../../require-program.ts';
import { differingCase, sampleCase, sampleReport } from './sample-report.ts';

const reportOf = (...cases: readonly CaseReport[]): Report =>
  makeReport({ cases: [...cases], strays: [], expectations: [] }, undefined);

/** Everything that a text format may stumble over. */
const HOSTILE = [
  '\u0000\u0001\u0008\u000b\u001b[31m\u007f\u0085\ufffe\uffff\ud800 \udc00\u{1f41b}',
  ']]> <![CDATA[ &amp; &#0; <!-- -- --> <?xml ?> </testsuites>',
  '::error::x %0A %25 `````` ~~~ | # \\ \u2028 \' "',
  '  ...\n---\nok 1 - x\nBail out!',
];

const hostile = (): Report => {
  const text = HOSTILE.join('\n');
  const key = HOSTILE.join(' ');
  const first = { key, want: text, got: text, event: 4, line: 9, rules: [] };
  const broken = sampleCase('hostile/error', { status: 'error', releases: [], error: text });
  return reportOf(
    differingCase('hostile/differs', { message: key, first, diff: text }),
    { ...sampleCase('hostile/title', { title: text }), trace: `traces/${key}.csv` },
    broken,
  );
};

const large = (): Report =>
  reportOf(
    differingCase('bars/long-lines', { diff: `-${'x'.repeat(300_000)}\n`, message: 'y'.repeat(5000) }),
    differingCase('bars/many-lines', { diff: '+event 1 cfg.read: 0\n'.repeat(20_000) }),
  );

const XSD = fileURLToPath(new URL('junit.xsd', import.meta.url));

const xmllint = (text: string): string => {
  const done = spawnSync('xmllint', ['--noout', '--schema', XSD, '-'], { input: text, encoding: 'utf8' });
  return `${done.status} ${done.stderr}`;
};

describe('junit', () => {
  test.for([
    { name: 'one of everything', make: sampleReport },
    { name: 'payloads that XML cannot hold', make: hostile },
    { name: 'payloads beyond the limit', make: large },
    { name: 'no case', make: () => reportOf() },
  ])('validates against the schema: $name', ({ make }, { skip }) => {
    requireProgram('xmllint', 'libxml2-utils', skip);
    expect(xmllint(junitReporter(make(), false))).toBe('0 - validates\n');
  });

  test('keeps what XML can hold, references that are text included', () => {
    expect(junitReporter(hostile(), false)).toContain(']]&gt; &lt;![CDATA[ &amp;amp; &amp;#0;');
  });

  test('counts what it lists, and names a test for each case and release', () => {
    const text = junitReporter(sampleReport(), false);
    const [, tests, failures, errors] =
      /<testsuites [^>]*tests="(\d+)" failures="(\d+)" errors="(\d+)"/.exec(text) ?? [];
    expect(text.match(/<testcase /g)).toHaveLength(Number(tests));
    expect(text.match(/<failure /g)).toHaveLength(Number(failures));
    expect(text.match(/<error /g)).toHaveLength(Number(errors));
    expect(text).toContain('classname="bars" name="bars/differs [r4]"');
  });

  test('points from a difference beyond the limit to all of it', () => {
    expect(junitReporter(large(), false)).toMatch(
      /… \d+ more lines; all of them: hvreplay check traces\/bars\/many-lines\.csv/,
    );
  });
});

describe('tap', () => {
  const lines = tapReporter(sampleReport(), false).split('\n');

  test('has a version, a plan, and as many tests, numbered', () => {
    expect(lines[0]).toBe('TAP version 14');
    const plan = Number(/^1\.\.(\d+)$/.exec(lines[1] ?? '')?.[1]);
    const numbers = lines.flatMap((line) => /^(?:not )?ok (\d+) - /.exec(line)?.[1] ?? []);
    expect(numbers.map(Number)).toEqual(Array.from({ length: plan }, (_, index) => index + 1));
  });

  test('marks what is known as todo and what does not apply as skip', () => {
    expect(lines).toContainEqual(
      expect.stringMatching(/^not ok \d+ - bars\/known \[r3\] # todo known until 2030-01-31: a /),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^ok \d+ - msi\/skipped # skip no selected release applies$/));
  });

  test('keeps any payload within the diagnostics of its test', () => {
    const outside = tapReporter(hostile(), false)
      .split('\n')
      .filter((line) => !/^( {2}|(not )?ok \d+ - hostile\/|TAP version 14$|1\.\.\d+$|$)/.test(line));
    expect(outside).toEqual([]);
  });
});

describe('gitlab', () => {
  const issues = z.array(
    z.strictObject({
      description: z
        .string()
        .min(1)
        .regex(/^[^\n]+$/),
      check_name: z.string().regex(/^hvreplay\/[a-z]+$/),
      fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
      severity: z.enum(['info', 'minor', 'major', 'critical', 'blocker']),
      location: z.strictObject({
        path: z.string().regex(/^(?!\.\/|\/)/),
        lines: z.strictObject({ begin: z.int().min(1) }),
      }),
    }),
  );

  const read = (report: Report) => issues.parse(JSON.parse(gitlabReporter(report, false)));

  test('is what GitLab documents, one issue for each finding, each with its own fingerprint', () => {
    const all = read(sampleReport());
    expect(all.map(({ check_name, severity }) => `${check_name} ${severity}`)).toEqual([
      ...['hvreplay/differs major', 'hvreplay/known info', 'hvreplay/stale minor', 'hvreplay/error critical'],
      ...['hvreplay/defect blocker', 'hvreplay/stray minor', 'hvreplay/expectation major'],
    ]);
    expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(all.length);
    expect(all[0]?.location).toEqual({ path: 'traces/bars/differs.csv', lines: { begin: 9 } });
    expect(all[3]?.location.lines.begin).toBe(4);
  });

  test('gives the same fingerprint while the values that differ change', () => {
    const first = { key: 'event 5 physdev.add', want: '1', got: '2', event: 5, line: 10, rules: [] };
    const [a, b] = [differingCase('bars/a'), differingCase('bars/a', { first })].map((one) => read(reportOf(one))[0]);
    expect(a?.fingerprint).toBe(b?.fingerprint);
    expect(a?.description).not.toBe(b?.description);
  });

  test('takes any payload', () => {
    expect(read(hostile())).toHaveLength(2);
  });
});

describe('github', () => {
  test('annotates the row of the trace that first answers otherwise', () => {
    const [line] = githubReporter(reportOf(differingCase('bars/a')), false).split('\n');
    expect(line).toBe(
      '::error file=traces/bars/a.csv,line=9,title=bars/a differs::r3 to r4 (2 releases): the outcome is not what ' +
        'golden/bars/a/r3.txt says%0Aevent 4 physdev.add: -ENODEV, was 0%0Adecided by vf.pf-unknown%0Ahvreplay check traces/bars/a.csv',
    );
  });

  test('is one command a line, whatever the payload', () => {
    const lines = githubReporter(hostile(), false).trimEnd().split('\n');
    expect(lines.filter((line) => !/^::error (?:[a-z]+=[^:,]*,?)+::/.test(line))).toEqual([]);
  });

  test('does not exceed what is shown, and says how many are left out', () => {
    const many = Array.from({ length: 30 }, (_, index) => differingCase(`bars/a${index}`));
    const lines = githubReporter(reportOf(...many), false)
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toContain('21 more findings');
  });

  test('sums up in Markdown, with a fence that no diff can end', () => {
    const text = githubSummaryReporter(hostile(), false);
    expect(text).toContain('\n```````diff\n');
    expect(githubSummaryReporter(sampleReport(), false)).toContain(
      '| bars/differs | differs | event 4 physdev.add: -ENODEV, was 0 |',
    );
  });

  test('keeps the summary below the limit of a job summary', () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      differingCase(`bars/a${index}`, { diff: '+event 1 cfg.read: 0\n'.repeat(20_000) }),
    );
    expect(githubSummaryReporter(reportOf(...many), false).length).toBeLessThan(2 ** 20);
  });
});

describe('pretty', () => {
  test('says on the first screen how much is wrong, why, where, and what to do', () => {
    const cases = Array.from({ length: 40 }, (_, index) =>
      differingCase(`bars/a${index}`, index < 30 ? {} : { cause: { name: `changes of thing ${index}` } }),
    );
    const broken = Array.from({ length: 5 }, (_, index) =>
      sampleCase(`msi/b${index}`, { status: 'error', releases: [], error: `traces/msi/b${index}.csv:4:1: unknown\n` }),
    );
    const screen = prettyReporter(reportOf(...cases, ...broken), false)
      .split('\n')
      .slice(0, 30);
    expect(screen[0]).toBe('45 cases, 160 replays: 0 agree, 40 differ, 5 errors');
    for (const line of [
      'ERROR msi/b0',
      'and 3 errors more',
      'DIFFERS 30 cases: vf.pf-unknown',
      '  the PF of a VF is not known',
      '  traces/bars/a0.csv:9 under r3',
      '    golden: 0, now: -ENODEV',
      'and 8 causes more',
      'One case, all of it: hvreplay check traces/msi/b0.csv',
    ])
      expect(screen).toContain(line);
    expect(screen.findIndex((line) => line.startsWith('One case'))).toBeLessThan(24 + 4);
  });

  test('shows all of a difference when it is asked about one case, and a piece of each otherwise', () => {
    const diff = '+event 1 cfg.read: 0\n'.repeat(500);
    const one = prettyReporter(reportOf(differingCase('bars/a', { diff })), false);
    expect(one.match(/^\+event/gm)).toHaveLength(500);
    const two = prettyReporter(reportOf(differingCase('bars/a', { diff }), differingCase('bars/b', { diff })), false);
    expect(two.match(/^\+event/gm)).toHaveLength(80);
    expect(two).toContain('… 460 more lines; all of them: hvreplay check traces/bars/a.csv');
  });
});
