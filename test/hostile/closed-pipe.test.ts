// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../cli/command-table.ts';
import type { Scratch } from '../cli/scratch.ts';
import { writersScratch } from './writers.ts';

/** `hvreplay … | head -1`: a reader that has seen enough is no failure, and nobody is told. */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const CORPUS = new URL('../../traces', import.meta.url).pathname;
const TRACE = 'in/parting.csv';
const PAIR = '--release xen-4.19 --release xen-4.20';

const RECORDED =
  '# hvreplay-trace: 1\n# machine: machines/m.yaml\nop,dom,sbdf,reg,size,value\ncfg.read,d0,0000:00:03.0,0x0,4,0\n';

const LINES = [
  ...['--version', '--help', 'replay --help'],
  ...[`replay ${TRACE}`, `replay --format json --release all ${TRACE}`, `replay in/long.csv`],
  ...['check', 'check --reporter json --jobs 2', 'check --reporter tap --release xen-4.20'],
  ...['accept --dry-run', `why ${TRACE} --event 4`, `compare ${TRACE} ${PAIR}`, `bisect ${TRACE} --event 4`],
  ...[`shrink ${TRACE} ${PAIR}`, 'import in/console.gz in/lspci-vvvxxxx.0.gz --out imported'],
  ...[
    'conform --release xen-4.20 recorded.csv',
    'convert in/long.csv - --to csv',
    'convert in/long.csv - --to protobuf',
  ],
  ...[
    'machine machines/m.yaml',
    'ops',
    'ops cfg',
    'releases',
    'rules',
    'rules --coverage',
    `seeds ${CORPUS}/grants`,
    `findings ${CORPUS}/findings`,
  ],
  ...['merge in/report.json --reporter junit', 'completion bash', `step ${TRACE}`],
];

/** What a line of the shell says on stderr, `$@` in it being hvreplay; how fast it was, aside. */
const notesOf = (here: Scratch, line: string): string =>
  spawnSync('sh', ['-c', line, 'sh', process.execPath, BIN], {
    ...{ cwd: here.root, encoding: 'utf8', env: { PATH: process.env['PATH'] }, input: '' },
  }).stderr.replace(/\d+ a second/, 'some a second');

test('every command is among them', () => {
  const said = new Set(LINES.map((line) => line.split(' ')[0]));
  expect(COMMANDS.map(({ name }) => name).filter((name) => !said.has(name))).toEqual([]);
});

test('without a reader each ends as it does with one', async () => {
  const here = await writersScratch(2);
  here.write('recorded.csv', RECORDED);
  for (const line of LINES) {
    const read = notesOf(here, `"$@" ${line} >/dev/null; echo "status $?" >&2`);
    const unread = notesOf(here, `{ "$@" ${line}; echo "status $?" >&2; } | :`);
    expect(unread, line).toBe(read);
    expect(unread, line).toMatch(line.startsWith('step') ? /status 2\n$/ : /status [01]\n$/);
  }
});
