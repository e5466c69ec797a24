// SPDX-License-Identifier: GPL-2.0-only
import { didYouMean } from '../../engine/trace/nearest.ts';
import { jsonReporter } from './json.ts';
import { prettyReporter } from './pretty.ts';
import type { Reporter } from './report.ts';

/** A reporter and where its text goes; without a file to stdout. */
export interface Target {
  readonly reporter: Reporter;
  readonly file: string | undefined;
}

export type Targets =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly message: string };

const REPORTERS: ReadonlyMap<string, Reporter> = new Map([
  ['pretty', prettyReporter],
  ['json', jsonReporter],
]);

/** What `--reporter name[=file]`, given any number of times, asks for; by default `pretty` on stdout. */
export const chooseReporters = (requests: readonly string[]): Targets => {
  const targets: Target[] = [];
  for (const request of requests.length === 0 ? ['pretty'] : requests) {
    const at = request.indexOf('=');
    const name = at < 0 ? request : request.slice(0, at);
    const file = at < 0 ? undefined : request.slice(at + 1);
    const reporter = REPORTERS.get(name);
    if (reporter === undefined)
      return {
        ok: false,
        message: `unknown reporter '${name}'${didYouMean(name, REPORTERS.keys())} (known: ${[...REPORTERS.keys()].join(', ')})`,
      };
    if (file === '') return { ok: false, message: `--reporter ${request}: expected a file after =` };
    targets.push({ reporter, file: file === '-' ? undefined : file });
  }
  if (targets.filter(({ file }) => file === undefined).length > 1)
    return { ok: false, message: 'two reporters on stdout; expected all but one with a file, as --reporter json=FILE' };
  return { ok: true, targets };
};
