// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../cli/run-command.ts';
import { scratch, scratchFolder } from '../cli/scratch.ts';
import { BIN, type Given, MACHINE, ROWS, refused, run } from './refused.ts';

/** Pipes that nobody writes to, devices that never end, folders and links, where a file is expected. */

type Prepare = (root: string) => void;

const placed =
  (path: string, make: (at: string) => void): Prepare =>
  (root) => {
    const at = join(root, path);
    mkdirSync(dirname(at), { recursive: true });
    rmSync(at, { recursive: true, force: true });
    make(at);
  };
const pipe = (path: string): Prepare => placed(path, (at) => execFileSync('mkfifo', [at]));
const folder = (path: string): Prepare => placed(path, (at) => mkdirSync(at));
const link = (target: string, path: string): Prepare => placed(path, (at) => symlinkSync(target, at));
const each =
  (...steps: readonly Prepare[]): Prepare =>
  (root) => {
    for (const step of steps) step(root);
  };

const trace = (machine: string): string => `# hvreplay-trace: 1\n# machine: ${machine}\nop\nboot.hwdom_setup\n`;

const PIPE = /: is a pipe that nobody writes to\n/;
const NO_FILE = /: is a pipe, a device or a socket; expected a file\n/;
const OF_ONE_CASE = { 'traces/machines/m.yaml': MACHINE, 'traces/s/a.csv': trace('../machines/m.yaml') };

describe('where a user names a file', () => {
  test.each<readonly [what: string, given: Given, said: RegExp]>([
    ['a pipe as trace', { prepare: pipe('t.csv') }, PIPE],
    ['a pipe to convert', { prepare: pipe('t.csv'), args: ['convert', 't.csv', 't.pb'] }, PIPE],
    ['a pipe as machine', { prepare: pipe('p.yaml'), args: ['machine', 'p.yaml'] }, PIPE],
    [
      'a pipe as another machine',
      { files: { 't.csv': ROWS }, prepare: pipe('p'), args: ['replay', 't.csv', '--machine', 'p'] },
      PIPE,
    ],
    [
      'a pipe as known divergences',
      { files: { 't.csv': ROWS }, prepare: pipe('p'), args: ['conform', 't.csv', '--known', 'p'] },
      PIPE,
    ],
    ['a pipe as report', { prepare: pipe('r.json'), args: ['merge', 'r.json'] }, PIPE],
    ['a pipe as record', { prepare: pipe('p'), args: ['import', 'p'] }, PIPE],
    ['a device as trace', { prepare: link('/dev/zero', 't.csv') }, /^t\.csv: more than 256 MiB/],
    ['a device as machine', { args: ['machine', '/dev/zero'] }, /^\/dev\/zero: more than 16 MiB/],
    ['a device as report', { args: ['merge', '/dev/zero'] }, /\/dev\/zero: more than 256 MiB/],
    ['a folder as machine', { prepare: folder('d'), args: ['machine', 'd'] }, /^d: is a folder/],
    ['a folder as report', { prepare: folder('d'), args: ['merge', 'd'] }, /d: is a folder/],
    ['a link to nothing', { prepare: link('gone', 't.csv') }, /^t\.csv: no such file/],
  ])('%s', (_what, given, said) => {
    expect(refused(given)).toMatch(said);
  });

  test('a pipe with a writer is read to its end', async () => {
    const here = scratch({ 'm.yaml': MACHINE });
    pipe('t.csv')(here.root);
    const writer = spawn(
      'sh',
      ['-c', 'exec >t.csv; printf "%s" "$0"; sleep 0.1; printf "%s" "$1"', ROWS.slice(0, 20), ROWS.slice(20)],
      {
        cwd: here.root,
      },
    );
    const reader = spawn(process.execPath, [BIN, 'replay', 't.csv'], { cwd: here.root });
    const status = await new Promise((resolve) => reader.on('exit', resolve));
    expect([status, writer.exitCode]).toEqual([0, 0]);
  });
});

describe('where a trace leads to a file', () => {
  test.each<readonly [what: string, prepare: Prepare, said: RegExp]>([
    ['a pipe', pipe('l.yaml'), NO_FILE],
    ['a link to a pipe', each(pipe('p'), link('p', 'l.yaml')), NO_FILE],
    ['a link to nothing', link('gone', 'l.yaml'), /no such file/],
    ['a link to a device', link('/dev/zero', 'l.yaml'), /is outside of the folder above/],
    [
      'a link to what the program reads from',
      link('/dev/stdin', 'l.yaml'),
      /no such file|is outside of the folder above/,
    ],
    ['links in a ring', each(link('k.yaml', 'l.yaml'), link('l.yaml', 'k.yaml')), /too many symbolic links/],
    [
      'a folder above that is a link out of it',
      each(link('/etc', 'd'), link('d/hostname', 'l.yaml')),
      /is outside of the folder above/,
    ],
  ])('%s', (_what, prepare, said) => {
    expect(refused({ files: { 't.csv': trace('l.yaml') }, prepare })).toMatch(said);
  });

  test('its list of known divergences', () => {
    expect(
      refused({
        files: { 't.csv': ROWS },
        prepare: pipe('t.known.yaml'),
        args: ['conform', 't.csv', '--release', 'xen-4.20'],
      }),
    ).toMatch(/^t\.known\.yaml: is a pipe, a device or a socket/);
  });
});

/** What `accept` makes of one case, for tests that spoil it. */
const accepted = async (): Promise<Record<string, string>> => {
  const here = scratchFolder(OF_ONE_CASE);
  try {
    await runCommand(['accept', here.at('traces')]);
    return {
      ...OF_ONE_CASE,
      'golden/s/a/xen-4.17.txt': here.read('golden/s/a/xen-4.17.txt').replaceAll(`${here.root}/`, ''),
    };
  } finally {
    here.remove();
  }
};

describe('in a corpus', () => {
  test.each<readonly [what: string, prepare: Prepare, said: RegExp]>([
    ['a pipe among the traces', pipe('traces/s/b.csv'), /STRAY traces\/s\/b\.csv: is neither a file nor a link to one/],
    [
      'a link to a pipe',
      each(pipe('traces/machines/p'), link('../machines/p', 'traces/s/b.csv')),
      /STRAY traces\/s\/b\.csv: is neither/,
    ],
    ['a link to itself', link('b.csv', 'traces/s/b.csv'), /STRAY traces\/s\/b\.csv: is neither/],
    ['a link to nothing', link('gone.csv', 'traces/s/b.csv'), /STRAY traces\/s\/b\.csv: is neither/],
    ['a folder that leads to itself', link('.', 'traces/s/d'), /STRAY traces\/s\/d: is neither/],
    [
      'a link to a device',
      link('/dev/zero', 'traces/s/b.csv'),
      /STRAY traces\/s\/b\.csv: a link that leads out of the corpus/,
    ],
    [
      'a link to a file elsewhere',
      link('/etc/passwd', 'traces/s/b.csv'),
      /STRAY traces\/s\/b\.csv: a link that leads out of the corpus/,
    ],
    ['a pipe as golden file', pipe('golden/s/a/xen-4.17.txt'), /STRAY golden\/s\/a\/xen-4\.17\.txt: unknown file/],
    [
      'a link as golden file',
      link('/etc/passwd', 'golden/s/a/xen-4.17.txt'),
      /STRAY golden\/s\/a\/xen-4\.17\.txt: unknown file/,
    ],
    ['a folder as golden file', folder('golden/s/a/xen-4.17.txt'), /golden\/s\/a\/xen-4\.17\.txt: missing/],
    ['a folder of golden files that leads to itself', link('.', 'golden/s/d'), /STRAY golden\/s\/d: unknown file/],
  ])('%s: the case beside it is checked', async (_what, prepare, said) => {
    const ran = run({ files: await accepted(), prepare, args: ['check'] });
    expect(ran).toMatchObject({ status: 1, said: expect.stringMatching(said), isChanged: false });
  });

  test.each<readonly [what: string, words: readonly string[], prepare: Prepare, said: RegExp]>([
    ['a pipe as list of expectations', ['check'], pipe('golden/expectations.yaml'), NO_FILE],
    [
      'a folder as list of expectations',
      ['check'],
      folder('golden/expectations.yaml'),
      /golden\/expectations\.yaml: is a folder/,
    ],
    ['a pipe as costs', ['check', '--shard', '1/1', '--costs', 'r.json'], pipe('r.json'), PIPE],
    [
      'a pipe as lock, golden files to be written',
      ['accept'],
      each(folder('golden/s'), pipe('golden/.accept.lock')),
      /golden\/\.accept\.lock: another process writes/,
    ],
    [
      'a folder as golden file, to be written',
      ['accept'],
      folder('golden/s/a/xen-4.17.txt'),
      /golden\/s\/a\/xen-4\.17\.txt: could not be written: is a folder/,
    ],
    ['a pipe instead of the golden files', ['accept'], pipe('golden'), /golden: a part of the path is no folder/],
    ['a ring of links instead of the golden files', ['accept'], link('golden', 'golden'), /too many symbolic links/],
    [
      'golden files behind a link that leads out',
      ['accept'],
      each(folder('elsewhere'), link('../elsewhere', 'golden/s')),
      /golden\/s\/a\/xen-4\.17\.txt: a link on the way leads out of golden; nothing was accepted/,
    ],
  ])('%s', (_what, args, prepare, said) => {
    expect(refused({ files: OF_ONE_CASE, prepare, args })).toMatch(said);
  });

  test.each([['accept'], ['check'], ['check', '--jobs', '2'], ['check', '--shard', '1/1']])(
    'a pipe as machine: %s %s %s',
    (...args) => {
      const { 'traces/s/a.csv': csv } = OF_ONE_CASE;
      const { status, said } = run({ files: { 'traces/s/a.csv': csv }, prepare: pipe('traces/machines/m.yaml'), args });
      expect([status, said]).toEqual([2, expect.stringMatching(/machines\/m\.yaml: is a pipe/)]);
    },
  );
});

test('records in a folder with a pipe, a link to itself and a link to a device', () => {
  const prepare = each(pipe('d/p'), link('.', 'd/l'), link('/dev/zero', 'd/z'));
  expect(refused({ prepare, args: ['import', 'd'] })).toMatch(/^d: is nothing that can be imported/);
});
