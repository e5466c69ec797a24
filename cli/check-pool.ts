// SPDX-License-Identifier: GPL-2.0-only
import { Tinypool } from 'tinypool';
import type { CaseTask, runTask } from './case-worker.ts';
import type { Case, Corpus } from './corpus.ts';
import type { CaseReport } from './reporters/report-schema.ts';

/** The module that workers load, seen from the built files (`dist/parts/`): it exists once the program is built. */
const WORKER = new URL('../cli/case-worker.js', import.meta.url);
const TASK = 'runTask';

type Wanted = Pick<CaseTask, 'only' | 'timelines'>;

const taskOf = (corpus: Corpus, it: Case, { only, timelines }: Wanted): CaseTask => ({
  ...{ traces: corpus.traces, golden: corpus.golden, it },
  goldenFiles: [...(corpus.goldenFiles.get(it.name) ?? [])],
  ...(only === undefined ? {} : { only }),
  timelines,
});

/** A worker's environment is ours, so that NODE_OPTIONS reaches it. */
const definedOnly = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

const lost = ({ name, trace }: Case, error: unknown): CaseReport => {
  const what = error instanceof Error ? error.message : String(error);
  return {
    ...{ name, trace, status: 'defect', releases: [], cost: 0, findings: [] },
    error: `${trace}: the worker process that ran this case is gone (killed, or out of memory?): ${what}\n`,
  };
};

/**
 * Checks cases in worker processes, in the order given. Processes and not threads: a case that runs out of memory, or
 * whose process is killed, is lost alone, and the others go on in another process.
 */
export const checkInWorkers = async (
  corpus: Corpus,
  cases: readonly Case[],
  options: Wanted & {
    readonly jobs: number;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly progress: (done: number) => void;
  },
): Promise<readonly CaseReport[]> => {
  const jobs = Math.max(1, Math.min(options.jobs, cases.length));
  const pool = new Tinypool({
    ...{ runtime: 'child_process', filename: WORKER.href, name: TASK },
    ...{ minThreads: jobs, maxThreads: jobs, env: definedOnly(options.env) },
  });
  // A worker that dies while it does nothing; once the last one is gone nobody would take the cases that wait.
  pool.on('error', () => {
    if (pool.threads.length === 0) pool.cancelPendingTasks();
  });
  let done = 0;
  const reports = cases.map(async (it): Promise<CaseReport> => {
    try {
      // The worker's module says what it answers.
      return (await pool.run(taskOf(corpus, it, options))) as ReturnType<typeof runTask>;
    } catch (error) {
      return lost(it, error);
    } finally {
      done += 1;
      options.progress(done);
    }
  });
  try {
    return await Promise.all(reports);
  } finally {
    await pool.destroy();
  }
};
