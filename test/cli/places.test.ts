// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type Scratch, scratch } from './scratch.ts';

/** Where commands are run from, and where their reports say that something is. */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const MACHINE = 'machine: 1\narch: x86\nmemoryMap: [0x0-0xfffff]\n';
const TRACE = '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop\nboot.hwdom_setup\n';

const corpus = (machine = MACHINE): Scratch =>
  scratch({ 'traces/machines/m.yaml': machine, 'traces/s/a.csv': TRACE, 'traces/s/b.csv': TRACE });

const run = (here: Scratch, from: string, ...words: readonly string[]) =>
  spawnSync(process.execPath, [BIN, ...words], { cwd: here.at(from), encoding: 'utf8' });

test.each([
  ['.', 'traces'],
  ['traces', '.'],
  ['traces', '../traces/s'],
  ['traces/s', '.'],
  ['traces/s', 'a.csv'],
  ['traces/machines', '..'],
])('the golden files are the same from %s', (from, path) => {
  const here = corpus();
  expect(run(here, '.', 'accept', '--force').status).toBe(0);
  expect(run(here, from, 'check', path)).toMatchObject({ status: 0, stderr: '' });
  expect(run(here, from, 'accept', '--force', path).stdout).toContain('wrote 0 files, removed 0');
});

const BROKEN = 'machine: 1\narch: x86\ndevices: [\n';
const MACHINE_PLACE = 'traces/machines/m.yaml:4:1: ';

test('a fault in a machine is reported at its place in the machine, as the user knows the file', () => {
  const here = corpus(BROKEN);
  const report = (name: string): string => run(here, '.', 'check', '--reporter', name).stdout;
  expect(report('pretty')).toContain(`\n${MACHINE_PLACE}not valid YAML`);
  expect(report('github')).toContain('::error file=traces/machines/m.yaml,line=4,title=s/a%3A error::');
  expect(JSON.parse(report('gitlab'))[0].location).toEqual({ path: 'traces/machines/m.yaml', lines: { begin: 4 } });
  for (const name of ['json', 'junit', 'tap', 'pretty']) expect(report(name)).not.toContain(here.root);
});

test("what a step of GitHub's wrote into its summary before stays there, and nothing of another file does", () => {
  const here = corpus();
  expect(run(here, '.', 'accept', '--force').status).toBe(0);
  const check = (file: string) =>
    spawnSync(process.execPath, [BIN, 'check', '--reporter', `github-summary=${file}`], {
      ...{ cwd: here.root, encoding: 'utf8', env: { GITHUB_STEP_SUMMARY: here.at('summary.md') } },
    });
  for (const name of ['summary.md', 'other.md']) {
    here.write(name, 'said before\n');
    for (const _round of [1, 2]) expect(check(here.at(name)).status).toBe(0);
  }
  expect(here.read('summary.md').match(/said before|## hvreplay/g)).toEqual([
    'said before',
    '## hvreplay',
    '## hvreplay',
  ]);
  expect(here.read('other.md').match(/said before|## hvreplay/g)).toEqual(['## hvreplay']);
});

test('a machine that is a folder is a fault of the line that names it', () => {
  const here = corpus();
  here.write('traces/s/a.csv', TRACE.replace('m.yaml', ''));
  expect(run(here, '.', 'check', 'traces/s/a.csv').stdout).toContain(
    'traces/s/a.csv:2:1: machine: ../machines/: is a folder',
  );
});
