// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scratch } from './scratch.ts';

/** Ways in which a check could pass without having checked, tried on the built program (`npm run build`). */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

const MACHINE = 'machine: 1\narch: x86\nmemoryMap: [0x0-0xfffff]\n';
const TRACE = '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\nboot.hwdom_setup\n';

/** A corpus with one case that agrees, changed by whoever tests. */
const corpus = () => {
  const here = scratch({ 'traces/machines/m.yaml': MACHINE, 'traces/s/a.csv': TRACE });
  const run = (words: readonly string[], stdout: number | 'pipe' = 'pipe') =>
    spawnSync(process.execPath, [BIN, ...words], {
      ...{ cwd: here.root, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
      stdio: ['ignore', stdout, 'pipe'],
    });
  expect(run(['accept']).status).toBe(0);
  return { here, check: (...words: readonly string[]) => run(['check', ...words]), run };
};

const passes = /1 agree\n$/;

test('a corpus that agrees passes', () => {
  expect(corpus().check()).toMatchObject({ status: 0, stdout: expect.stringMatching(passes), stderr: '' });
});

test('no case at all fails', () => {
  const { check, here } = corpus();
  expect(check('--filter', 'zz')).toMatchObject({
    ...{ status: 2, stderr: expect.stringContaining('--filter zz: no case has that in its name') },
  });
  here.write('elsewhere/traces/README.md', '');
  expect(check(here.at('elsewhere/traces'))).toMatchObject({ status: 2 });
  expect(check('traces/none')).toMatchObject({ status: 2, stderr: expect.stringContaining('no such file or folder') });
});

test('cases that are all skipped fail, with a message of their own', () => {
  expect(corpus().check('--release', 'linux-6.12')).toMatchObject({
    status: 2,
    stdout: expect.stringContaining('1 skipped'),
    stderr: 'hvreplay check: no case was compared: all 1 skipped, none of the selected releases applies to them\n',
  });
});

test('a golden file that cannot be read is the error of its case', () => {
  const { here, check } = corpus();
  const file = openSync(here.at('golden/s/a/xen-4.17.txt'), 'r+');
  ftruncateSync(file, 65 * 2 ** 20);
  closeSync(file);
  expect(check()).toMatchObject({
    ...{
      status: 2,
      stdout: expect.stringContaining('golden/s/a/xen-4.17.txt: more than 64 MiB; expected a smaller file'),
    },
  });
});

test('a golden file that is cut off differs or is malformed', () => {
  const { here, check } = corpus();
  const text = here.read('golden/s/a/xen-4.17.txt');
  here.write('golden/s/a/xen-4.17.txt', text.slice(0, -20));
  expect(check()).toMatchObject({ status: 1, stdout: expect.stringContaining('the outcome is not what') });
  here.write('golden/s/a/xen-4.17.txt', '');
  expect(check()).toMatchObject({ status: 1, stdout: expect.stringContaining('not a golden file of this version') });
});

test('a golden file without its trace fails, and so does a trace without its golden file', () => {
  const { here, check } = corpus();
  here.write('golden/s/gone/xen-4.17.txt', here.read('golden/s/a/xen-4.17.txt'));
  expect(check()).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('orphaned: the corpus has no trace s/gone'),
  });
  const other = corpus();
  other.here.write('traces/s/new.csv', TRACE);
  expect(other.check()).toMatchObject({ status: 1, stdout: expect.stringContaining('new/xen-4.17.txt: missing') });
});

test('a report that finds the disk full fails, and the other reports are written all the same', () => {
  const { here, check } = corpus();
  expect(check('--reporter', 'json=/dev/full', '--reporter', 'tap=report.tap')).toMatchObject({
    ...{ status: 2, stdout: '' },
    stderr:
      'hvreplay check: /dev/full: the report could not be written: no space left on the device; make room and try again\n',
  });
  expect(here.read('report.tap')).toMatch(/^TAP version 14\n/);
  expect(check('--reporter', 'json=traces/s/a.csv/report.json')).toMatchObject({
    ...{ status: 2, stderr: expect.stringContaining('the report could not be written') },
  });
});

test('a log that finds the disk full fails', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = corpus().run(['check'], full);
  closeSync(full);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^hvreplay: stdout could not be written: .*ENOSPC.*\n$/);
});
