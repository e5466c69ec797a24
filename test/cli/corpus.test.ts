// SPDX-License-Identifier: GPL-2.0-only
import { rmSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { planCorpus } from '../../cli/accept-corpus.ts';
import type { Selection } from '../../cli/case-run.ts';
import { checkCases, reportOn } from '../../cli/check-corpus.ts';
import { type Corpus, discover } from '../../cli/corpus.ts';
import { jsonReporter } from '../../cli/reporters/json.ts';
import { prettyReporter } from '../../cli/reporters/pretty.ts';
import { exitCodeOf } from '../../cli/reporters/report.ts';
import type { Report } from '../../cli/reporters/report-schema.ts';
import { makeSession } from '../../cli/session.ts';
import { removeFile, writeAtomic } from '../../cli/write-files.ts';
import { type Scratch, scratchCorpus } from './scratch.ts';
import { stubModel, traceText } from './stub-model.ts';

const corpusOf = (paths: readonly string[], filter?: string): Corpus => {
  const found = discover(paths, filter);
  if (!found.ok) throw new Error(found.message);
  return found.corpus;
};

const check = (here: Scratch, selection: Selection = {}, path = 'traces', filter?: string): Report => {
  const corpus = corpusOf([here.at(path)], filter);
  return reportOn(
    corpus,
    checkCases(makeSession(stubModel), corpus, selection, () => undefined),
    undefined,
    undefined,
  );
};

/** Accepts and lists what was written (`+`) and removed (`-`). */
const accept = (here: Scratch, selection: Selection = {}): readonly string[] => {
  const corpus = corpusOf([here.at('traces')]);
  const { steps } = planCorpus(makeSession(stubModel), corpus, selection, () => undefined);
  for (const { path, text } of steps) {
    const done = text === undefined ? removeFile(path, corpus.golden) : writeAtomic(path, text);
    expect(done).toEqual({ ok: true });
  }
  return steps.map(({ path, text }) => `${text === undefined ? '-' : '+'} ${path.slice(here.at('golden/').length)}`);
};

const kinds = (report: Report): readonly string[] =>
  report.cases.flatMap(({ name, findings }) => findings.map(({ kind, releases }) => `${name} ${releases[0]} ${kind}`));

const PLAIN = { 's/a.csv': traceText({ r1: '0', r3: '-ENODEV' }) };

describe('check', () => {
  test('agrees right after accept, which writes only where the outcome changes', () => {
    const here = scratchCorpus(PLAIN);
    expect(accept(here)).toEqual(['+ s/a/r1.txt', '+ s/a/r3.txt']);
    const report = check(here);
    expect(report.summary).toMatchObject({ cases: 1, replays: 4, agree: 1, differ: 0, strays: 0 });
    expect(exitCodeOf(report)).toBe(0);
    expect(accept(here)).toEqual([]);
  });

  test('fails when the model answers differently, and accept takes that up', () => {
    const here = scratchCorpus(PLAIN);
    accept(here);
    here.write('golden/s/a/r3.txt', here.read('golden/s/a/r3.txt').replace(': -ENODEV', ': -EBUSY'));
    const report = check(here);
    expect(report.cases[0]?.findings).toMatchObject([{ kind: 'differs', releases: ['r3', 'r4'] }]);
    expect(exitCodeOf(report)).toBe(1);
    expect(accept(here)).toEqual(['+ s/a/r3.txt']);
  });

  test('reports missing, redundant, stale, inapplicable and orphaned files, unknown ones too', () => {
    const here = scratchCorpus({ ...PLAIN, 's/b.csv': traceText({ r1: '0' }), 's/c.csv': traceText({ r1: '1' }) });
    accept(here);
    here.write('golden/s/b/r2.txt', here.read('golden/s/b/r1.txt'));
    here.write('golden/s/b/zz.txt', here.read('golden/s/b/r1.txt'));
    here.write('golden/s/gone/r1.txt', 'x');
    here.write('golden/s/notes.md', 'x');
    here.write('traces/s/notes.txt', 'x');
    rmSync(here.at('golden/s/a/r1.txt'));
    here.write('traces/s/c.csv', traceText({ r1: '1' }, 'title: another'));
    const report = check(here);
    expect(kinds(report)).toEqual(['s/a r1 missing', 's/b r2 redundant', 's/b zz inapplicable', 's/c r1 stale']);
    expect(report.strays.map(({ path, message }) => [path.slice(here.root.length + 1), message])).toEqual([
      ['golden/s/gone/r1.txt', expect.stringContaining('orphaned')],
      ['golden/s/notes.md', expect.stringContaining('unknown file')],
      ['traces/s/notes.txt', expect.stringContaining('unknown file')],
    ]);
    expect(accept(here)).toEqual(['+ s/a/r1.txt', '- s/b/r2.txt', '- s/b/zz.txt', '+ s/c/r1.txt', '- s/gone/r1.txt']);
    expect(kinds(check(here))).toEqual([]);
  });

  test('a stray file alone makes it fail', () => {
    const here = scratchCorpus(PLAIN);
    accept(here);
    here.write('golden/s/gone/r1.txt', 'x');
    expect(exitCodeOf(check(here))).toBe(1);
    expect(exitCodeOf(check(here, {}, 'traces', 'a'))).toBe(0);
  });

  test('a crash is the error of that case, the others go on', () => {
    const crash = '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\ntest.crash\n';
    const here = scratchCorpus({ ...PLAIN, 's/crash.csv': crash });
    const report = check(here);
    expect(report.cases.map(({ name, status }) => [name, status])).toEqual([
      ['s/a', 'differs'],
      ['s/crash', 'defect'],
    ]);
    expect(exitCodeOf(report)).toBe(3);
    expect(prettyReporter(report, false)).toContain('the stub crashes as told');
  });

  test('a trace that cannot be read is the error of that case', () => {
    const here = scratchCorpus({
      ...PLAIN,
      's/bad.csv': '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\nnope\n',
    });
    accept(here);
    const report = check(here);
    expect(report.cases[1]?.status).toBe('error');
    expect(report.cases[1]?.error).toMatch(/traces\/s\/bad\.csv:4:1: /);
    expect(exitCodeOf(report)).toBe(2);
  });

  test('a row that makes no sense is an error of the trace, not a defect', () => {
    const here = scratchCorpus({ 's/a.csv': '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\ntest.fault\n' });
    const report = check(here);
    expect(report.cases[0]).toMatchObject({
      status: 'error',
      error: expect.stringMatching(/traces\/s\/a\.csv: the stub finds the row wrong\n$/),
    });
    expect(exitCodeOf(report)).toBe(2);
  });

  test('nothing to check is an error', () => {
    const here = scratchCorpus({});
    expect(exitCodeOf(check(here))).toBe(2);
    expect(exitCodeOf(check(scratchCorpus(PLAIN), {}, 'traces', 'no such case'))).toBe(2);
  });

  test('only the selected releases are replayed, against the file in effect', () => {
    const here = scratchCorpus(PLAIN);
    accept(here);
    const only = stubModel.series[0]?.slice(3) ?? [];
    expect(check(here, { only }).summary).toMatchObject({ cases: 1, replays: 1, agree: 1 });
  });
});

describe('releases and proposals', () => {
  test('a trace can limit the releases that apply to it', () => {
    const here = scratchCorpus({ 's/a.csv': traceText({ r1: '0', r3: '1' }, 'releases: r2..r3') });
    expect(accept(here)).toEqual(['+ s/a/r2.txt', '+ s/a/r3.txt']);
    expect(check(here).summary.replays).toBe(2);
  });

  test('a trace can be meant for other software than Xen', () => {
    const here = scratchCorpus({ 's/a.csv': traceText({ r1: '0' }, 'releases: g1..') });
    expect(accept(here)).toEqual(['+ s/a/g1.txt']);
    expect(check(here).summary).toMatchObject({ replays: 2, agree: 1 });
  });

  test.each([['r9'], ['r3..r2'], ['r1,g1'], ['']])(
    'releases that do not exist or do not fit are refused: %j',
    (text) => {
      const here = scratchCorpus({ 's/a.csv': traceText({ r1: '0' }, `releases: ${text || ','}`) });
      expect(check(here).cases[0]?.error).toMatch(/# releases: /);
    },
  );

  test('a proposal has a golden file of its own once it is accepted', () => {
    const here = scratchCorpus({ 's/a.csv': traceText({ r1: '0', p1: '-EBUSY' }) });
    expect(accept(here)).toEqual(['+ s/a/r1.txt']);
    expect(accept(here, { add: stubModel.proposals })).toEqual(['+ s/a/p1.txt']);
    expect(check(here).summary).toMatchObject({ replays: 5, agree: 1 });
    expect(here.read('golden/s/a/p1.txt')).toContain('-EBUSY');
    expect(accept(here)).toEqual([]);
  });

  test('a proposal that the trace names has to have a file', () => {
    const here = scratchCorpus({ 's/a.csv': traceText({ r1: '0', p1: '1' }, 'releases: r1.., p1') });
    expect(kinds(check(here))).toEqual(['s/a r1 missing', 's/a p1 missing']);
    expect(accept(here)).toEqual(['+ s/a/r1.txt', '+ s/a/p1.txt']);
  });

  test('writes to hardware are in golden files on demand only', () => {
    const here = scratchCorpus({
      's/a.csv': traceText({ r1: '0' }),
      's/b.csv': traceText({ r1: '0' }, 'golden: hardware'),
    });
    accept(here);
    expect(here.read('golden/s/a/r1.txt')).not.toContain('hardware');
    expect(here.read('golden/s/b/r1.txt')).toContain('-> hardware: w 0000:00:00.0 0x4 2 0x2\n');
  });
});

describe('the corpus', () => {
  test('a path selects its subject or case, and the filter narrows it', () => {
    const here = scratchCorpus({
      's/a.csv': traceText({ r1: '0' }),
      's/b.csv': traceText({ r1: '0' }),
      't/a.csv': 'x',
    });
    const names = (path: string, filter?: string) => corpusOf([here.at(path)], filter).cases.map(({ name }) => name);
    expect(names('traces')).toEqual(['s/a', 's/b', 't/a']);
    expect(names('traces/s')).toEqual(['s/a', 's/b']);
    expect(names('traces/s/b.csv')).toEqual(['s/b']);
    expect(names('traces', '/a')).toEqual(['s/a', 't/a']);
  });

  test('a path that is not there or in no corpus is refused', () => {
    const here = scratchCorpus(PLAIN);
    expect(discover([here.at('traces/zz')], undefined)).toMatchObject({ ok: false });
    expect(discover([here.root], undefined)).toMatchObject({ ok: false });
  });

  test('links that lead out of it are not followed', () => {
    const here = scratchCorpus(PLAIN);
    here.write('outside/secret.csv', traceText({ r1: '0' }));
    symlinkSync(here.at('outside/secret.csv'), here.at('traces/s/link.csv'));
    symlinkSync(here.at('outside'), here.at('traces/u'));
    const corpus = corpusOf([here.at('traces')]);
    expect(corpus.cases.map(({ name }) => name)).toEqual(['s/a']);
    expect(corpus.strays.map(({ path }) => path.slice(here.at('traces/').length))).toEqual(['s/link.csv', 'u']);
  });

  test('a link to a trace within it is a case', () => {
    const here = scratchCorpus(PLAIN);
    symlinkSync('a.csv', here.at('traces/s/again.csv'));
    expect(corpusOf([here.at('traces')]).cases.map(({ name }) => name)).toEqual(['s/a', 's/again']);
  });

  test('two traces of one case are refused', () => {
    const here = scratchCorpus({ ...PLAIN, 's/a.jsonl': '{}' });
    expect(corpusOf([here.at('traces')]).strays).toMatchObject([{ message: expect.stringContaining('second trace') }]);
  });
});

describe('reporters', () => {
  const differing = (): Report => {
    const here = scratchCorpus(PLAIN);
    accept(here);
    here.write('golden/s/a/r3.txt', here.read('golden/s/a/r3.txt').replace(': -ENODEV', ': -EBUSY'));
    return check(here);
  };

  test('pretty shows a diff that names event and file, and sums up', () => {
    const text = prettyReporter(differing(), false);
    expect(text).toContain('DIFFERS s/a\n  r3 to r4 (2 releases): the outcome is not what ');
    expect(text).toMatch(/-event 1 test\.answer d0 .*: -EBUSY\n\+event 1 test\.answer d0 .*: -ENODEV\n/);
    expect(text).toMatch(/1 case, 4 replays: 0 agree, 1 differ\n$/);
    expect(text).not.toContain('\u001b');
  });

  test('pretty colours on demand', () => {
    expect(prettyReporter(differing(), true)).toContain('\u001b[31m-event 1');
  });

  test('json gives the differing facts with event and field', () => {
    const document: unknown = JSON.parse(jsonReporter(differing(), false));
    expect(document).toMatchObject({
      summary: { cases: 1, differ: 1 },
      cases: [
        {
          ...{ name: 's/a', status: 'differs' },
          findings: [
            { kind: 'differs', releases: ['r3', 'r4'], differences: [{ event: 1, want: '-EBUSY', got: '-ENODEV' }] },
          ],
        },
      ],
    });
  });
});
