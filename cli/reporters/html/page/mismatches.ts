// SPDX-License-Identifier: GPL-2.0-only
import type { Frames } from '../../../../engine/timeline/frames.ts';
import type { FindingData } from '../data.ts';

/** Where the map and the golden file do not agree. */
export interface MismatchPlace extends Frames {
  readonly domain: string;
  /** `missing`: the golden file has it, and nothing is there; `unexpected`: what is there is not what it has. */
  readonly kind: 'missing' | 'unexpected';
  readonly text: string;
}

/** A difference from the golden file. */
export interface Mismatch {
  readonly text: string;
  /** Of one that is about what is mapped. */
  readonly place: MismatchPlace | undefined;
}

/** Those that are to be seen after an event; `end`: in the final state. */
export type MismatchesAt = (event: number | 'end') => readonly Mismatch[];

/** Golden text's name of a range of a p2m: frames, inclusive. */
const RANGE = / p2m (\S+) gfn 0x([0-9a-f]+)-0x([0-9a-f]+)$/;

type Fact = NonNullable<FindingData['differences']>[number];

const mismatchOf = ({ key, want, got }: Fact): Mismatch => {
  const text =
    want === undefined
      ? `${key}: ${got ?? ''}, which the golden file has not`
      : `${key}: the golden file says ${want}, the outcome ${got ?? 'has nothing'}`;
  const match = RANGE.exec(key);
  if (match === null) return { text, place: undefined };
  const [, domain = '', first = '', last = ''] = match;
  const frames = { first: Number.parseInt(first, 16), last: Number.parseInt(last, 16) };
  return { text, place: { domain, ...frames, kind: got === undefined ? 'missing' : 'unexpected', text } };
};

/** What a finding says, by the event that is answered otherwise or after which the state is looked at. */
export const mismatchesOf = (differences: readonly Fact[]): MismatchesAt => {
  const byEvent = new Map<number | 'end', Mismatch[]>();
  for (const fact of differences) {
    const event = fact.event ?? 'end';
    byEvent.set(event, [...(byEvent.get(event) ?? []), mismatchOf(fact)]);
  }
  return (event) => byEvent.get(event) ?? [];
};
