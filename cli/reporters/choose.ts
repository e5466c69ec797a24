// SPDX-License-Identifier: GPL-2.0-only
import { didYouMean } from '../../engine/trace/nearest.ts';
import type { Option } from '../command.ts';
import type { Reporter } from './report.ts';

/** A reporter and where its text goes; without a file to stdout. */
export interface Target {
  readonly reporter: Reporter;
  readonly file: string | undefined;
  /** The variable that may name a file which others have written to as well, so that it is added to. */
  readonly sharedBy?: string;
}

export type Targets =
  | {
      readonly ok: true;
      readonly targets: readonly Target[];
      /** One of them shows what each event did. */
      readonly timelines: boolean;
    }
  | { readonly ok: false; readonly message: string };

interface Entry {
  /** Its lines may stand between those of another reporter on stdout. */
  readonly mixes?: true;
  /** It shows what each event did. */
  readonly timelines?: true;
  readonly sharedBy?: string;
  load(): Promise<Reporter>;
}

const REPORTERS: Readonly<Record<string, Entry>> = {
  pretty: { load: async () => (await import('./pretty.ts')).prettyReporter },
  json: { load: async () => (await import('./json.ts')).jsonReporter },
  html: { timelines: true, load: async () => (await import('./html/html.ts')).htmlReporter },
  junit: { load: async () => (await import('./junit.ts')).junitReporter },
  tap: { load: async () => (await import('./tap.ts')).tapReporter },
  github: { mixes: true, load: async () => (await import('./github.ts')).githubReporter },
  'github-summary': {
    sharedBy: 'GITHUB_STEP_SUMMARY',
    load: async () => (await import('./github.ts')).githubSummaryReporter,
  },
  gitlab: { load: async () => (await import('./gitlab.ts')).gitlabReporter },
};

const NAMES: readonly string[] = Object.keys(REPORTERS);

export const REPORTER_OPTION: Option = {
  describe: `${NAMES.join(', ')}; =FILE writes to a file, and several may be given`,
  value: 'NAME[=FILE]',
  repeatable: true,
  default: 'pretty',
  completes: NAMES,
};

/** What `--reporter name[=file]`, given any number of times, asks for; by default `pretty` on stdout. */
export const chooseReporters = async (requests: readonly string[]): Promise<Targets> => {
  const targets: Target[] = [];
  let owners = 0;
  let timelines = false;
  for (const request of requests.length === 0 ? ['pretty'] : requests) {
    const at = request.indexOf('=');
    const name = at < 0 ? request : request.slice(0, at);
    const file = at < 0 || request.slice(at + 1) === '-' ? undefined : request.slice(at + 1);
    const entry = Object.hasOwn(REPORTERS, name) ? REPORTERS[name] : undefined;
    if (entry === undefined)
      return {
        ok: false,
        message: `unknown reporter '${name}'${didYouMean(name, NAMES)} (known: ${NAMES.join(', ')})`,
      };
    if (file === '') return { ok: false, message: `--reporter ${request}: expected a file after =` };
    if (file !== undefined && targets.some((target) => target.file === file))
      return { ok: false, message: `--reporter ${request}: another reporter writes to that file` };
    if (file === undefined && !entry.mixes) owners += 1;
    timelines ||= entry.timelines === true;
    const { sharedBy } = entry;
    targets.push({ reporter: await entry.load(), file, ...(sharedBy === undefined ? {} : { sharedBy }) });
  }
  if (owners > 1)
    return { ok: false, message: 'two reporters on stdout; expected all but one with a file, as --reporter json=FILE' };
  return { ok: true, targets, timelines };
};
