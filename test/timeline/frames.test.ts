// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Frames, overlap, without } from '../../engine/timeline/frames.ts';

const frames = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 10 }))
  .map(([first, more]): Frames => ({ first, last: first + more }));

const listed = ({ first, last }: Frames): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_none, index) => first + index);

test('what is left, and what is common, are the frames that a count one by one finds', () => {
  fc.assert(
    fc.property(frames, fc.array(frames, { maxLength: 5 }), (whole, others) => {
      const taken = new Set(others.flatMap(listed));
      expect(without(whole, others).flatMap(listed)).toEqual(listed(whole).filter((frame) => !taken.has(frame)));
      for (const other of others) {
        const common = overlap(whole, other);
        expect(common === undefined ? [] : listed(common)).toEqual(
          listed(whole).filter((frame) => listed(other).includes(frame)),
        );
      }
    }),
  );
});
