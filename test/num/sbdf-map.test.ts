// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeSbdf, type Sbdf } from '../../engine/num/sbdf.ts';
import { SbdfMap } from '../../engine/num/sbdf-map.ts';

const sbdf = fc
  .tuple(fc.constantFrom(0, 0, 1, 0xffff), fc.constantFrom(0, 1, 0xff), fc.nat(0xff))
  .map(([segment, bus, devfn]) => makeSbdf(segment, bus, devfn));

const step = fc.record({ key: sbdf, value: fc.option(fc.nat(), { nil: undefined }) });

test('a map by SBDF holds what a Map holds, in its order, in every segment', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(sbdf), (steps, asked) => {
      const expected = new Map<Sbdf, number>();
      const map = new SbdfMap<number>();
      for (const { key, value } of steps) {
        if (value === undefined) {
          expected.delete(key);
          map.delete(key);
        } else {
          expected.set(key, value);
          map.set(key, value);
        }
      }
      expect([...map.keys()]).toEqual([...expected.keys()]);
      expect([...map.values()]).toEqual([...expected.values()]);
      expect(map.size).toBe(expected.size);
      for (const key of [...asked, ...steps.map((each) => each.key)]) {
        expect(map.get(key)).toBe(expected.get(key));
        expect(map.has(key)).toBe(expected.has(key));
      }
    }),
  );
});
