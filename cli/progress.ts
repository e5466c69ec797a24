// SPDX-License-Identifier: GPL-2.0-only
import type { Io } from './io.ts';
import type { OnProgress } from './trace-stream.ts';

const BAR_CELLS = 30;

/** `t.pb [#######-----------------------]  23 %, 1.2 M events`. */
const line = (path: string, part: number, events: number): string => {
  const full = Math.floor(part * BAR_CELLS);
  const bar = '#'.repeat(full) + '-'.repeat(BAR_CELLS - full);
  return `${path} [${bar}] ${String(Math.floor(part * 100)).padStart(3)} %, ${(events / 1e6).toFixed(1)} M events`;
};

/** A bar that moves by one in a hundred; nothing where there is no terminal. */
export const progressBar = (io: Pick<Io, 'progress'>, path: string): OnProgress => {
  let shown = -1;
  return (done, size, events) => {
    const part = size === 0 ? 1 : Math.min(done / size, 1);
    const percent = Math.floor(part * 100);
    if (percent === shown) return;
    shown = percent;
    io.progress(line(path, part, events));
  };
};

const CASES_AT_ONCE = 16;

/** Tells how many of `total` cases are done, not each time. */
export const caseProgress =
  (io: Pick<Io, 'progress'>, total: number): ((done: number) => void) =>
  (done) => {
    if (done % CASES_AT_ONCE === 0) io.progress(`${done} of ${total} cases`);
  };
