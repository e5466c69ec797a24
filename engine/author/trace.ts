// SPDX-License-Identifier: GPL-2.0-only
import type { DecodedTrace } from '../trace/decoder.ts';
import {
  isDirectiveKey,
  isDirectiveValue,
  machineTextOf,
  makeHeader,
  NOWHERE,
  TRACE_VERSION,
  VERSION_KEY,
} from '../trace/header.ts';
import { ProblemList, quoted } from '../trace/problem-list.ts';
import { badCharacter } from '../trace/text-input.ts';
import type { AuthoredEvent } from './event.ts';
import { refuse } from './refuse.ts';

/** What a CSV trace says in front of its rows, without the `#`. */
export interface AuthoredHeader {
  readonly title?: string | undefined;
  /** Reference to a machine file, relative to the trace. */
  readonly machine?: string | undefined;
  /** The text of a machine file, in place of a reference to one. */
  readonly machineText?: string | undefined;
  /** Releases, guests and proposals that the trace is meant for: `xen-4.19..`, `linux-7.2`, `pfvf-v6`. */
  readonly releases?: string | undefined;
  readonly [directive: string]: string | undefined;
}

const faultOf = (key: string, value: string): string | undefined => {
  if (!isDirectiveKey(key)) return `expected a key of letters, digits and -; got ${quoted(key)}`;
  if (!isDirectiveValue(value))
    return `${key}: expected one line of text without blanks around it; got ${quoted(value)}`;
  const bad = badCharacter(value);
  return bad === undefined ? undefined : `${key}: ${bad.message}`;
};

/**
 * A trace as a decoder answers it: to be replayed, or written by `formatCsv`. Events are numbered from 1. TypeError: the
 * header is none that a trace can have.
 */
export const authorTrace = (
  { machineText = '', ...header }: AuthoredHeader,
  events: Iterable<AuthoredEvent>,
): DecodedTrace => {
  const directives = new Map([[VERSION_KEY, String(TRACE_VERSION)]]);
  for (const [key, value] of Object.entries(header)) {
    if (value === undefined) continue;
    const fault = faultOf(key, value);
    if (fault !== undefined) return refuse(fault);
    directives.set(key, value);
  }
  const problems = new ProblemList();
  const made = makeHeader(directives, machineTextOf(machineText), () => NOWHERE, problems);
  if (made === undefined)
    return refuse(
      problems
        .list()
        .map(({ message }) => message)
        .join('\n'),
    );
  return { header: made, events: Array.from(events, (authored, index) => ({ seq: index + 1, ...authored })) };
};
