// SPDX-License-Identifier: GPL-2.0-only
import type { Frames } from '../../../../engine/timeline/frames.ts';
import type { FindingData } from '../data.ts';

/** A difference from the golden file that is about what is mapped. */
export interface Mismatch extends Frames {
  readonly domain: string;
  /** `missing`: the golden file has it and the outcome has not. */
  readonly kind: 'missing' | 'unexpected';
  readonly text: string;
}

/** Those that are to be seen after an event; `end`: in the final state. */
export type MismatchesAt = (event: number | 'end') => readonly Mismatch[];

/** Golden text's name of a range of a p2m: frames, inclusive. */
const RANGE = / p2m (\S+) gfn 0x([0-9a-f]+)-0x([0-9a-f]+)$/;

type Fact = NonNullable<FindingData['differences']>[number];

const mismatchOf = ({ key, want, got }: Fact): Mismatch | undefined => {
  const match = RANGE.exec(key);
  if (match === null) return undefined;
  const [, domain = '', first = '', last = ''] = match;
  const isMissing = want !== undefined;
  return {
    ...{ domain, first: Number.parseInt(first, 16), last: Number.parseInt(last, 16) },
    kind: isMissing ? 'missing' : 'unexpected',
    text: isMissing
      ? `${key}: the golden file says ${want}, the outcome ${got ?? 'has nothing'}`
      : `${key}: ${got ?? ''}, which the golden file has not`,
  };
};

/** What a finding says about p2m entries, by the event after which they are looked at. */
export const mismatchesOf = (differences: readonly Fact[]): MismatchesAt => {
  const byEvent = new Map<number | 'end', Mismatch[]>();
  for (const fact of differences) {
    const mismatch = mismatchOf(fact);
    const event = fact.event ?? 'end';
    if (mismatch !== undefined) byEvent.set(event, [...(byEvent.get(event) ?? []), mismatch]);
  }
  return (event) => byEvent.get(event) ?? [];
};
