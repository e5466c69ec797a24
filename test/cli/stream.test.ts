// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { writeTrace } from '../../bench/write-trace.ts';
import { progressBar } from '../../cli/progress.ts';
import { runCommand } from './run-command.ts';
import { scratchFolder } from './scratch.ts';

/** Traces that are larger than what is read and checked before it is replayed. */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const EVENTS = 90_000;
const DEVICES = 4;

const here = scratchFolder();
afterAll(here.remove);
const FORMATS = ['pb', 'csv', 'jsonl'] as const;
for (const format of FORMATS) writeTrace(here.at(`big.${format}`), 'reads', DEVICES, EVENTS);

const LAST_ANSWER = `event ${EVENTS + DEVICES + 1} cfg.read`;

const bodyOf = (out: string): string => out.slice(out.indexOf('[results]'));

test('answers are the same, whatever the format, and those of a trace that is replayed whole', async () => {
  const bodies = [];
  for (const format of FORMATS) {
    const { exit, out, notes } = await runCommand(['replay', here.at(`big.${format}`)]);
    expect({ exit, notes }).toEqual({ exit: 0, notes: '' });
    bodies.push(bodyOf(out));
  }
  const whole = spawnSync(process.execPath, [BIN, 'replay', '-'], {
    ...{ input: readFileSync(here.at('big.pb')), encoding: 'utf8', maxBuffer: 2 ** 26 },
  });
  expect(bodies[0]).toContain(LAST_ANSWER);
  for (const body of [...bodies.slice(1), bodyOf(whole.stdout)]) expect(body === bodies[0]).toBe(true);
});

test('converts to each format and back', async () => {
  for (const [from, to] of [
    ['pb', 'csv'],
    ['csv', 'jsonl'],
    ['jsonl', 'pb'],
  ]) {
    const target = here.at(`converted.${to}`);
    expect(await runCommand(['convert', here.at(`big.${from}`), target])).toEqual({ exit: 0, out: '', notes: '' });
  }
  expect(readFileSync(here.at('converted.pb')).equals(readFileSync(here.at('big.pb')))).toBe(true);
  expect(readFileSync(here.at('converted.jsonl')).equals(readFileSync(here.at('big.jsonl')))).toBe(true);
});

test('memory does not grow with the trace', () => {
  // Kept in memory, these events alone would take more.
  const HEAP_MIB = 40;
  const trace = here.at('long.pb');
  writeTrace(trace, 'writes', DEVICES, 600_000);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${HEAP_MIB}`, BIN, 'replay', '--format', 'json', trace],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('"final":true');
});

test('memory does not grow for what dies at once', () => {
  const MAX_BYTES = 16 * 2 ** 20;
  const tell =
    'import { getHeapSpaceStatistics as all } from "node:v8";' +
    'process.on("exit", () => console.error(all().find((it) => it.space_name === "new_space").space_size))';
  const trace = here.at('toggles.pb');
  writeTrace(trace, 'toggles', DEVICES, 400_000);
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, BIN, 'replay', '--format', 'json', trace],
    { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] },
  );
  expect(status).toBe(0);
  expect(Number(stderr)).toBeGreaterThan(0);
  expect(Number(stderr)).toBeLessThanOrEqual(MAX_BYTES);
});

test('--until ends with the state after an event, and refuses one that is not there', async () => {
  const trace = here.at('big.pb');
  const some = await runCommand(['replay', trace, '--until', '1000']);
  expect(some).toMatchObject({ exit: 0, notes: '', out: expect.stringContaining('event 1000 cfg.read') });
  expect(some.out).not.toContain('event 1001 ');
  expect(await runCommand(['replay', trace, '--until', '9999999'])).toMatchObject({
    ...{ exit: 2, notes: expect.stringContaining(`has no event 9999999; its last one is ${EVENTS + DEVICES + 1}`) },
  });
});

describe('a fault that shows only while the trace is replayed', () => {
  test('ends it with exit status 2 and without a final state, all faults listed', async () => {
    const rows = readFileSync(here.at('big.csv'), 'utf8').split('\n');
    const bad = [...rows];
    bad[70_000] = 'nope';
    bad[80_000] = 'cfg.read,d0,,0000:00:00.0,nope,4,';
    writeFileSync(here.at('bad.csv'), bad.join('\n'));
    const { exit, out, notes } = await runCommand(['replay', here.at('bad.csv')]);
    expect({ exit, notes }).toEqual({
      exit: 2,
      notes: expect.stringMatching(/^\S+bad\.csv:70001:\d+: .*\n\S+bad\.csv:80001:\d+: reg: expected .*\n$/),
    });
    expect(out).not.toContain('[final state]');
  });

  test.each([
    ['that was cut off', (path: string) => truncateSync(path, 1_200_000), /: byte \d+: the recording is cut off/],
    [
      'of which a byte was changed',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[1_100_000] = ((bytes[1_100_000] ?? 0) + 1) % 256;
        writeFileSync(path, bytes);
      },
      /: byte \d+/,
    ],
  ])('in a recording %s', async (_what, harm, said) => {
    const path = here.at('harmed.pb');
    writeFileSync(path, readFileSync(here.at('big.pb')));
    harm(path);
    for (const options of [[], ['--format', 'json'], ['--until', '999999']]) {
      const { exit, out, notes } = await runCommand(['replay', path, ...options]);
      expect({ exit, notes }).toEqual({ exit: 2, notes: expect.stringMatching(said) });
      expect(out).not.toMatch(/\[final state\]|"final"/);
    }
  });
});

test('a bar says how far it is, and moves a hundred times', () => {
  const shown: string[] = [];
  const bar = progressBar({ progress: (text) => shown.push(text) }, 't.pb');
  for (let done = 0; done <= 5000; done += 1) bar(done, 5000, done * 1000);
  expect(shown).toHaveLength(101);
  expect(shown[50]).toBe('t.pb [###############---------------]  50 %, 2.5 M events');
});
