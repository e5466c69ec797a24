// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Scratch, scratch } from './scratch.ts';

/** Worker processes of the built program (`npm run build`), killed from outside or from within. */

const BIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

const TRACE = '# hvreplay-trace: 1\n# machine: ../machines/m.yaml\nop,dom,sbdf,reg,size\nboot.hwdom_setup,,,,\n';
const MACHINE =
  'machine: 1\narch: x86\nmemoryMap: [0x0-0xfffff]\necam: [{ segment: 0, base: 0xe0000000, buses: 0-255 }]\n' +
  'devices:\n  "0000:00:03.0":\n    id: 8086:10c9\n    class: 0x020000\n';
const READ = 'cfg.read,d0,0000:00:03.0,0x0,4\n';

const SHORT = Array.from({ length: 5 }, (_, at) => `s/short-${at}`);

/** Process ids of the children of a process. */
const childrenOf = (parent: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          Number(
            readFileSync(`/proc/${pid}/stat`, 'utf8')
              .replace(/^.*\) \S+ /s, '')
              .split(' ')[0],
          ) === parent
        );
      } catch {
        return false;
      }
    });

/** Processor time that a process has used, in ticks of 10 ms. */
const ticksOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
};

/** One trace that keeps a worker busy, and some that do not. */
const corpus = (rows: number): Scratch =>
  scratch({
    'traces/machines/m.yaml': MACHINE,
    'traces/s/long.csv': TRACE + READ.repeat(rows),
    ...Object.fromEntries(SHORT.map((name) => [`traces/${name}.csv`, TRACE + READ])),
  });

const check = (here: Scratch, env: Readonly<Record<string, string>> = {}) => {
  const words = [BIN, 'check', '--jobs', '1', '--reporter', 'json'];
  const child = spawn(process.execPath, words, { cwd: here.root, env: { ...process.env, ...env } });
  let out = '';
  child.stdout.on('data', (piece: Buffer) => {
    out += piece.toString();
  });
  const ended = new Promise<{ readonly status: number | null; readonly out: string }>((resolve) =>
    child.on('close', (status) => resolve({ status, out })),
  );
  return { pid: child.pid ?? 0, ended };
};

const expectOnlyLongLost = ({ status, out }: { readonly status: number | null; readonly out: string }): void => {
  expect(status).toBe(3);
  expect(JSON.parse(out).cases).toMatchObject([
    {
      name: 's/long',
      status: 'defect',
      error: expect.stringContaining('the worker process that ran this case is gone'),
    },
    ...SHORT.map((name) => ({ name, status: 'differs' })),
  ]);
};

test('kill -9 of a worker loses its case and no other', async () => {
  const { pid, ended } = check(corpus(600_000));
  // The longest trace goes first, and the only worker has it from its start.
  for (;;) {
    const [worker] = childrenOf(pid);
    if (worker !== undefined && ticksOf(worker) > 30) {
      process.kill(worker, 'SIGKILL');
      break;
    }
    await sleep(20);
  }
  expectOnlyLongLost(await ended);
});

test('a worker that runs out of memory loses its case and no other', async () => {
  expectOnlyLongLost(await check(corpus(600_000), { NODE_OPTIONS: '--max-old-space-size=96' }).ended);
});
