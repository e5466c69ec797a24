// SPDX-License-Identifier: GPL-2.0-only
import type { Parsed } from '../trace/problem.ts';
import { type EntryForm, isText, type Reviewed, readReviewedList } from './reviewed-list.ts';

/** A case whose outcome under one release is not what its golden file says, as somebody reviewed. */
export interface Expectation extends Reviewed {
  readonly case: string;
  readonly release: string;
  /** Digest of the only outcome that is meant; undefined: whatever the outcome is. */
  readonly outcome: string | undefined;
}

const OUTCOME = /^[0-9a-f]{16}$/;

const FORM: EntryForm<Omit<Expectation, keyof Reviewed>> = {
  keys: ['case', 'release', 'outcome'],
  read: ({ case: name, release, outcome }, complain) => {
    if (!isText(name)) complain('case: expected the name of a case, <subject>/<case>');
    if (!isText(release)) complain('release: expected the name of a release or proposal');
    if (outcome !== undefined && !(typeof outcome === 'string' && OUTCOME.test(outcome)))
      complain('outcome: expected 16 hex digits in quotes, as hvreplay check --reporter json prints them');
    return {
      case: String(name),
      release: String(release),
      outcome: outcome === undefined ? undefined : String(outcome),
    };
  },
  identify: (entry) => `${entry.case} ${entry.release}`,
};

/** Reads the corpus' list of expectations. All that is wrong is reported at once. */
export const readExpectations = (text: string): Parsed<readonly Expectation[]> => readReviewedList(text, FORM);
