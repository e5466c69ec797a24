// SPDX-License-Identifier: GPL-2.0-only
import { type Edited, isTraceEdited } from './edited.ts';
import { parseFact } from './fact.ts';
import { diffSequences } from './sequences.ts';

/** A line's event: `event 3 …: …`, `[state after event 3: …]`, `after event 3 …: …`. */
const NUMBERED = /^((?:\[state after |after )?event )(\d+)(.*)$/;
/** What an event answered besides its result. */
const FURTHER = ' -> ';

/** The events that a golden body speaks of, in their order: the number and the row of each, `state` of a checkpoint. */
const eventsOf = (body: string): ReadonlyMap<number, string> => {
  const rows = new Map<number, string>();
  for (const line of body.split('\n')) {
    const [, before = '', digits, rest = ''] = NUMBERED.exec(line) ?? [];
    const seq = Number(digits);
    if (digits === undefined || rows.has(seq)) continue;
    rows.set(seq, before === 'event ' ? (parseFact(rest)?.key.split(FURTHER)[0] ?? rest) : 'state');
  }
  return new Map([...rows].sort(([a], [b]) => a - b));
};

/** Number in `want` to the number of the same row in `got`: as many rows as can be, in order. */
const pairsOf = (want: string, got: string): ReadonlyMap<number, number> => {
  const [old, now] = [[...eventsOf(want)], [...eventsOf(got)]];
  const rowsOf = (events: typeof old): readonly string[] => events.map(([, row]) => row);
  const pairs = new Map<number, number>();
  let [nextOld, nextNow] = [0, 0];
  for (const { removed, added, value } of diffSequences(rowsOf(old), rowsOf(now)))
    for (const _row of value) {
      const [from, to] = [added ? undefined : old[nextOld++], removed ? undefined : now[nextNow++]];
      if (from !== undefined && to !== undefined) pairs.set(from[0], to[0]);
    }
  return pairs;
};

/**
 * Golden body `want`; if its trace has been edited since, then with its events numbered as `got` numbers the same rows
 * now, so that a row more or less is no difference of all that follow. Rows that are gone keep their number.
 */
export const numberedAsNow = (want: string, got: string, edited: Edited | undefined): string => {
  if (!isTraceEdited(edited)) return want;
  const pairs = pairsOf(want, got);
  return want
    .split('\n')
    .map((line) =>
      line.replace(NUMBERED, (whole, before: string, digits: string, rest: string) => {
        const now = pairs.get(Number(digits));
        return now === undefined ? whole : `${before}${now}${rest}`;
      }),
    )
    .join('\n');
};
