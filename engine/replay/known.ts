// SPDX-License-Identifier: GPL-2.0-only
import type { Parsed } from '../trace/problem.ts';
import type { Finding } from './conform.ts';
import type { Divergence } from './recorded.ts';
import { type EntryForm, isText, type Reviewed, readReviewedList } from './reviewed-list.ts';

/** A divergence that somebody looked into and explained, as a list beside the trace has it. */
export interface KnownDivergence extends Reviewed {
  readonly seq: number;
  readonly what: Divergence['what'];
  /** The entry only is about this release; undefined: about every one. */
  readonly release: string | undefined;
}

const WHAT: readonly Divergence['what'][] = ['ret', 'value', 'via', 'map', 'hw', 'end'];

const FORM: EntryForm<Omit<KnownDivergence, keyof Reviewed>> = {
  keys: ['seq', 'what', 'release'],
  read: ({ seq, what, release }, complain) => {
    const known = WHAT.find((one) => one === what);
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0)
      complain('seq: expected the number of an event');
    if (known === undefined) complain(`what: expected one of ${WHAT.join(', ')}`);
    if (release !== undefined && !isText(release)) complain('release: expected the name of a release');
    if (known === undefined) return undefined;
    return { seq: Number(seq), what: known, release: release === undefined ? undefined : String(release) };
  },
  identify: ({ seq, what, release }) => `${seq} ${what} ${release ?? ''}`,
};

/** Reads a list of known divergences. All that is wrong is reported at once. */
export const readKnown = (text: string): Parsed<readonly KnownDivergence[]> => readReviewedList(text, FORM);

/** Findings held against a list. */
export interface Explained {
  /** Those that the list does not have. */
  readonly unexplained: readonly Finding[];
  readonly explained: readonly { readonly finding: Finding; readonly entry: KnownDivergence }[];
  /** Entries whose divergence did not occur. */
  readonly gone: readonly KnownDivergence[];
  /** Entries past their day, occurring or not. */
  readonly expired: readonly KnownDivergence[];
}

/** `today`: `YYYY-MM-DD`. An expired entry explains nothing. */
export const explainFindings = (
  findings: readonly Finding[],
  known: readonly KnownDivergence[],
  release: string,
  today: string,
): Explained => {
  const applicable = known.filter((entry) => entry.release === undefined || entry.release === release);
  const expired = applicable.filter(({ until }) => until < today);
  const valid = applicable.filter((entry) => !expired.includes(entry));
  const byKey = new Map(valid.map((entry) => [`${entry.seq} ${entry.what}`, entry]));
  const unexplained: Finding[] = [];
  const explained: { finding: Finding; entry: KnownDivergence }[] = [];
  for (const finding of findings) {
    const entry = byKey.get(`${finding.seq} ${finding.what}`);
    if (entry === undefined) unexplained.push(finding);
    else explained.push({ finding, entry });
  }
  const used = new Set(explained.map(({ entry }) => entry));
  return { unexplained, explained, gone: valid.filter((entry) => !used.has(entry)), expired };
};
