// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { formatMachine } from '../engine/machine/write.ts';
import { OPERATIONS } from '../engine/ops/index.ts';
import { RELEASES } from '../engine/semantics/releases.ts';
import { formatCsv } from '../engine/trace/write-csv.ts';
import { type Measure, median, spreadOf } from './harness.ts';
import { type AccessKind, randomTraces, TRACE_EVENTS } from './workloads.ts';
import { writeTrace } from './write-trace.ts';

/** What the whole program takes, as its users call it. */

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const MIB = 2 ** 20;

/**
 * Tells the peak of memory and the time on a processor where the process ends. The peak is that of the program alone:
 * `ru_maxrss` begins with what this process had when it started the other.
 */
const TELL = `data:text/javascript,${encodeURIComponent(
  'import { readFileSync } from "node:fs";' +
    'process.on("exit", () => {' +
    'const { userCPUTime, systemCPUTime } = process.resourceUsage();' +
    'const [, peak] = /VmHWM:\\s*(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));' +
    'process.stderr.write("\\nUSED " + peak + " " + (userCPUTime + systemCPUTime) + "\\n");' +
    '})',
)}`;

interface Used {
  readonly peakBytes: number;
  /** On a processor, of all threads. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

const run = (args: readonly string[], cwd?: string): Used => {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', TELL, PROGRAM, ...args], {
    ...{ stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', cwd, env: { ...process.env, CI: '' } },
  });
  const [, peak, cpu] = /USED (\d+) (\d+)/.exec(stderr) ?? [];
  if (status !== 0 || cpu === undefined) throw new Error(`${args.join(' ')} ends with status ${status}: ${stderr}`);
  return {
    peakBytes: 1024 * Number(peak),
    cpuSeconds: Number(cpu) / 1e6,
    wallSeconds: (performance.now() - start) / 1000,
  };
};

const once = (name: string, value: number, unit: string): Measure => ({ name, value, unit, spread: 0 });

const inFolder = (work: (folder: string) => readonly Measure[]): readonly Measure[] => {
  const folder = mkdtempSync(join(tmpdir(), 'hvreplay-bench-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const LENGTHS = [1e4, 1e5, 1e6, 1e7];

export const memoryName = (kind: AccessKind, length: number): string =>
  `peak memory, ${kind}, 1e${Math.log10(length)} events`;

/** Traces of protobuf, replayed with all their answers printed: peak memory, and events for each second of a processor. */
export const traceMeasures = (lengths: readonly number[] = LENGTHS): readonly Measure[] =>
  inFolder((folder) =>
    (['reads', 'toggles'] as const).flatMap((kind) =>
      lengths.flatMap((length) => {
        const path = join(folder, 't.pb');
        writeTrace(path, kind, 32, length);
        const { peakBytes, cpuSeconds } = run(['replay', '--format', 'json', path]);
        return [
          once(memoryName(kind, length), peakBytes / MIB, 'MiB'),
          once(`${kind} from protobuf, end to end, 1e${Math.log10(length)} events`, length / cpuSeconds, 'events/s'),
        ];
      }),
    ),
  );

const CASES = 1000;
const ROUNDS = 5;
const NEWEST = RELEASES.at(-1)?.name ?? '';

/** A corpus of small cases under one release, in one process; its set-up counts. */
const checkMeasure = (events: number): readonly Measure[] =>
  inFolder((folder) => {
    const traces = join(folder, 'traces');
    mkdirSync(join(traces, 'machines'), { recursive: true });
    mkdirSync(join(traces, 'small'));
    randomTraces(CASES, events).forEach(({ machine, events }, nth) => {
      if (nth === 0) writeFileSync(join(traces, 'machines/m.yaml'), formatMachine(machine));
      const directives = { releases: NEWEST };
      const header = { version: 1, title: `case ${nth}`, machine: '../machines/m.yaml', directives };
      writeFileSync(join(traces, 'small', `case-${nth}.csv`), formatCsv(header, events, OPERATIONS));
    });
    run(['accept', '--force', 'traces'], folder);
    const rates = Array.from({ length: ROUNDS }, () => CASES / run(['check', 'traces'], folder).wallSeconds);
    return [
      {
        name: `check, ${CASES} cases of ${events} events, one release`,
        value: median(rates),
        unit: 'cases/s',
        spread: spreadOf(rates),
      },
    ];
  });

export const checkMeasures = (): readonly Measure[] => Object.values(TRACE_EVENTS).flatMap(checkMeasure);
