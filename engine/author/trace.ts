// SPDX-License-Identifier: GPL-2.0-only
import { Directives, TRACE_VERSION } from '../trace/csv-prologue.ts';
import type { DecodedTrace } from '../trace/decoder.ts';
import { ProblemList } from '../trace/problem-list.ts';
import { badCharacter } from '../trace/text-input.ts';
import type { AuthoredEvent } from './event.ts';
import { refuse } from './refuse.ts';

/** What a CSV trace says in front of its rows, without the `#`. */
export interface AuthoredHeader {
  readonly title?: string | undefined;
  /** Reference to a machine file, relative to the trace. */
  readonly machine?: string | undefined;
  /** Releases, guests and proposals that the trace is meant for: `xen-4.19..`, `linux-7.2`, `pfvf-v6`. */
  readonly releases?: string | undefined;
  readonly [directive: string]: string | undefined;
}

/**
 * A trace as a decoder answers it: to be replayed, or written by `formatCsv`. Events are numbered from 1. TypeError: a
 * directive is not one line of text.
 */
export const authorTrace = (header: AuthoredHeader, events: Iterable<AuthoredEvent>): DecodedTrace => {
  const problems = new ProblemList();
  const directives = new Directives(problems);
  directives.add(`# hvreplay-trace: ${TRACE_VERSION}`, 1);
  for (const [key, value] of Object.entries(header)) {
    if (value === undefined) continue;
    const bad = badCharacter(value);
    if (bad !== undefined) return refuse(`# ${key}: ${bad.message}`);
    directives.add(`# ${key}: ${value}`, 1);
  }
  const made = directives.header();
  if (made === undefined || problems.count > 0)
    return refuse(
      problems
        .list()
        .map(({ message }) => message)
        .join('\n'),
    );
  return { header: made, events: Array.from(events, (authored, index) => ({ seq: index + 1, ...authored })) };
};
