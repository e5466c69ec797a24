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

expect.extend({
  toMatchGolden(trace: DecodedTrace, folder: string, options: GoldenOptions = {}) {
    const { isNot, snapshotState, task, currentTestName = '' } = this;
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
