// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex } from '../../engine/num/u64.ts';

test('the text of a number is its own, whichever numbers were asked for before', () => {
  const numbers = fc.array(fc.oneof(fc.nat(), fc.maxSafeNat(), fc.integer(), fc.constant(2 ** 64), fc.constant(-0)));
  fc.assert(
    fc.property(numbers, (values) => {
      expect([...values, ...values].map(hex)).toEqual([...values, ...values].map((value) => `0x${value.toString(16)}`));
    }),
  );
});
