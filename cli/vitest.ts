// SPDX-License-Identifier: GPL-2.0-only
import { expect } from 'vitest';
import type { DecodedTrace } from '../engine/trace/decoder.ts';
import { type GoldenOptions, matchGolden } from './golden-matcher.ts';

/** `import 'hvreplay/vitest'` gives vitest the matcher `toMatchGolden`. */

declare module 'vitest' {
  interface Matchers<T> {
    /**
     * The outcome of the trace under every release that applies is that of the golden files in `folder`,
     * `…/golden/<subject>/<case>`, relative to where vitest runs; the trace's machine file is looked for as from a
     * trace `…/traces/<subject>/<case>.csv`. `vitest -u` writes the files that differ; in CI nothing is written.
     */
    toMatchGolden(folder: T extends DecodedTrace ? string : never, options?: GoldenOptions): void;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What is wrong with arguments that no compiler has looked at. */
const objectionTo = (trace: unknown, folder: unknown, options: unknown): string | undefined => {
  if (!isObject(trace) || !('header' in trace && 'events' in trace))
    return 'expect(…).toMatchGolden: expected a trace, as authorTrace and decodeCsv make it';
  if (typeof folder !== 'string') return 'toMatchGolden(folder): expected a path, golden/<subject>/<case>';
  if (!isObject(options)) return 'toMatchGolden(folder, options): expected { releases: […] }';
  const unknown = Object.keys(options).find((key) => key !== 'releases');
  return unknown === undefined ? undefined : `toMatchGolden: unknown option ${unknown}; expected { releases: […] }`;
};

expect.extend({
  toMatchGolden(trace: DecodedTrace, folder: string, options: GoldenOptions = {}) {
    const { isNot, snapshotState, task, currentTestName = '' } = this;
    const objection = objectionTo(trace, folder, options);
    if (objection !== undefined) throw new TypeError(objection);
    if (isNot) throw new TypeError('not.toMatchGolden: a golden file says what an outcome is, not what it is not');
    const { pass, message, changed } = matchGolden(trace, folder, options, snapshotState.snapshotUpdateState);
    // What vitest says at the end about snapshots is about golden files too: nothing is written in silence.
    const { added, updated, matched, unmatched } = snapshotState;
    const written = snapshotState.snapshotUpdateState === 'all' ? updated : added;
    const counter = changed > 0 ? written : pass ? matched : unmatched;
    counter.increment(task?.id ?? currentTestName);
    return { pass, message: () => `${message}If that is what should be: 'vitest -u' makes it the golden outcome.` };
  },
});
