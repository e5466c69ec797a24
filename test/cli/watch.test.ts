// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { reportOn } from '../../cli/check-corpus.ts';
import type { Corpus } from '../../cli/corpus.ts';
import { affectedBy, makeWatch } from '../../cli/watch.ts';
import { watchFiles } from '../../cli/watch-files.ts';
import { sampleCase } from './reporters/sample-report.ts';
import { scratch } from './scratch.ts';

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

const corpusOf = (...names: readonly string[]): Corpus => ({
  ...{ traces: 'traces', golden: 'golden', strays: [], isWhole: true, goldenFiles: new Map() },
  cases: names.map((name) => ({ name, trace: `traces/${name}.csv`, traceName: `${name}.csv` })),
});

const reportsOf = (machines: Readonly<Record<string, string>>) =>
  new Map(Object.entries(machines).map(([name, machine]) => [name, sampleCase(name, { machine })]));

describe('a change concerns', () => {
  const corpus = corpusOf('s/a', 's/b', 't/c');
  const reports = reportsOf({ 's/a': 'machines/m.yaml', 's/b': 'machines/n.yaml', 't/c': 'machines/m.yaml' });

  test.each([
    ['the case of a trace', 'traces/s/b.csv', ['s/b']],
    ['the case of a golden file', 'golden/t/c/r1.txt', ['t/c']],
    ['every case of a machine', 'traces/machines/m.yaml', ['s/a', 't/c']],
    ['no case, for the list of expectations', 'golden/expectations.yaml', []],
    ['no case, for a file of no case', 'traces/README.md', []],
  ])('%s', (_what, path, names) => {
    expect([...affectedBy([path], corpus, reports)]).toEqual(names);
  });

  test('a case that is new, and one whose machine is not known, with any machine', () => {
    const some = new Map([['s/a', sampleCase('s/a', { status: 'error', error: 'x' })]]);
    expect([...affectedBy(['traces/machines/z.yaml'], corpusOf('s/a', 's/b'), some)]).toEqual(['s/a', 's/b']);
  });
});

describe('a round', () => {
  const watchOf = (corpora: (Corpus | undefined)[]) => {
    const checked: string[][] = [];
    const next = makeWatch({
      discover: () => {
        const corpus = corpora.shift();
        return corpus === undefined ? { ok: false, message: 'gone' } : { ok: true, corpus, goldenTree: [] };
      },
      check: ({ cases }) => {
        checked.push(cases.map(({ name }) => name));
        return cases.map(({ name }) => sampleCase(name));
      },
      reportOn: (corpus, cases) => ({ ok: true, value: reportOn(corpus, cases, undefined, undefined) }),
    });
    return { next, checked };
  };

  test('checks what a change concerns and reports on all, without cases that are gone', () => {
    const { next, checked } = watchOf([corpusOf('s/a', 's/b', 's/c'), corpusOf('s/a', 's/b')]);
    expect(next([])).toMatchObject({ ok: true, value: { report: { summary: { cases: 3 } } } });
    expect(next(['traces/s/b.csv'])).toMatchObject({ ok: true, value: { report: { summary: { cases: 2 } } } });
    expect(checked).toEqual([['s/a', 's/b', 's/c'], ['s/b']]);
  });

  test('that fails is made up for by the next', () => {
    const { next, checked } = watchOf([corpusOf('s/a', 's/b'), undefined, corpusOf('s/a', 's/b')]);
    next([]);
    expect(next(['traces/s/a.csv'])).toEqual({ ok: false, message: 'gone' });
    next(['traces/s/b.csv']);
    expect(checked.at(-1)).toEqual(['s/a', 's/b']);
  });
});

test('the program says what each change came to, until it is told to end', async () => {
  const here = scratch({
    'traces/machines/m.yaml': 'machine: 1\narch: x86\nmemoryMap: [0x0-0xfffff]\n',
    'traces/s/a.csv': '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\nboot.hwdom_setup\n',
    'traces/s/b.csv': '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\nboot.scan\n',
  });
  const child = spawn(process.execPath, [BIN, 'check', '--watch'], { cwd: here.root });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
  const until = async (wanted: RegExp): Promise<string> => {
    while (!wanted.test(text)) await sleep(10);
    const seen = text;
    text = '';
    return seen;
  };
  await until(/2 cases, 14 replays: 0 agree, 2 differ\n(.|\n)*watching/);
  const accept = spawn(process.execPath, [BIN, 'accept', '--force', 'traces/s/a.csv'], { cwd: here.root });
  await new Promise((resolve) => accept.on('close', resolve));
  expect(await until(/now 2 cases.*1 agree, 1 differ\n/)).toContain('s/a: agrees\n');
  here.write('golden/s/a/xen-4.17.txt', here.read('golden/s/a/xen-4.17.txt').replace(': 0\n', ': -EBUSY\n'));
  expect(await until(/now 2 cases.*0 agree, 2 differ\n/)).toContain('DIFFERS s/a\n');
  child.kill('SIGINT');
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1);
});

test('files that come into a folder right after it was made are told of, whenever they come', async () => {
  const here = scratch({ 'golden/README.md': '' });
  const told = new Set<string>();
  const watch = await watchFiles([here.at('golden')], (paths) => {
    for (const path of paths) told.add(path);
  });
  onTestFinished(() => watch.close());
  const files = Array.from({ length: 150 }, (_, nth) => here.at(`golden/s${nth}/a/xen-4.17.txt`));
  for (const [nth, file] of files.entries()) {
    mkdirSync(dirname(file), { recursive: true });
    await sleep(nth % 5);
    writeFileSync(`${file}.tmp`, '');
    await sleep(nth % 3);
    renameSync(`${file}.tmp`, file);
  }
  await vi.waitFor(() => expect(files.filter((file) => !told.has(file))).toEqual([]), { timeout: 20_000 });
});
