// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { framesOf, type PlacementRequest, placeBars } from '../../../engine/guest/passthrough/place-bars.ts';
import { makePassthroughWorld, type PhysicalBar } from '../../../engine/guest/passthrough/world.ts';

const AREAS = {
  low: { address: 0x23000000n, size: 0x100000n },
  high: { address: 0x100000000n, size: 0x80000000n },
};

const bar = (changes: Partial<PhysicalBar> = {}): PhysicalBar => ({
  ...{ index: 0, is64: false, prefetchable: false, physical: 0x80000000n, sizeBytes: 0x20000n },
  ...changes,
});

const request = (changes: Partial<PlacementRequest>): PlacementRequest => ({
  ...{ domain: 'd1', bars: [bar()], memory: [], isOneToOne: false, checksMemory: true, area: undefined },
  ...{ wanted: new Map(), ...changes },
});

const place = (changes: Partial<PlacementRequest>) =>
  placeBars(makePassthroughWorld(AREAS, undefined), request(changes));

describe('a virtual BAR', () => {
  test('of less than a page keeps the page offset of the physical one', () => {
    const small = bar({ physical: 0x80020100n, sizeBytes: 0x100n });
    expect(place({ bars: [small] })).toMatchObject([{ virtual: 0x23000100n }]);
  });

  test('of 32 bits goes below 4 GiB, wherever 64-bit ones are to go', () => {
    expect(place({ area: 'high' })).toMatchObject([{ virtual: 0x23000000n }]);
  });

  test('of 64 bits goes where it is said, and nowhere without a word', () => {
    const wide = bar({ is64: true });
    expect(place({ bars: [wide], area: 'high' })).toMatchObject([{ virtual: 0x100000000n }]);
    expect(place({ bars: [wide] })).toEqual({ rule: 'undefined.draft1-area-to-be-decided', bar: 0 });
  });

  test('goes behind memory of the guest that reaches into the area', () => {
    expect(place({ memory: [{ first: 0x22f00, last: 0x23000 }] })).toMatchObject([{ virtual: 0x23020000n }]);
  });

  test('larger than the area is refused, and with it the whole device', () => {
    const bars = [bar(), bar({ index: 1, sizeBytes: 0x200000n })];
    expect(place({ bars })).toEqual({ rule: 'toolstack.area-exhausted', bar: 1 });
  });

  test('1:1 over memory is refused only by who has to map it', () => {
    const memory = [{ first: 0x80000, last: 0x80fff }];
    expect(place({ isOneToOne: true, memory })).toEqual({ rule: 'toolstack.collides-with-memory', bar: 0 });
    expect(place({ isOneToOne: true, memory, checksMemory: false })).toMatchObject([{ virtual: 0x80000000n }]);
  });
});

test('BARs are aligned, inside their area, and share no page, as long as any fits', () => {
  const sizes = fc.array(fc.integer({ min: 4, max: 19 }), { maxLength: 6 });
  fc.assert(
    fc.property(sizes, (exponents) => {
      const bars = exponents.map((exponent, index) => bar({ index, physical: 0n, sizeBytes: 2n ** BigInt(exponent) }));
      const placed = place({ bars });
      if ('rule' in placed) return placed.rule === 'toolstack.area-exhausted';
      const frames = placed.map(({ virtual, sizeBytes }) => framesOf(virtual ?? 0n, sizeBytes));
      for (const [index, { virtual = 0n, sizeBytes }] of placed.entries()) {
        expect(virtual % sizeBytes).toBe(0n);
        expect(virtual >= AREAS.low.address && virtual + sizeBytes <= AREAS.low.address + AREAS.low.size).toBe(true);
        const mine = frames[index];
        for (const other of frames.slice(0, index))
          expect(mine !== undefined && mine.first <= other.last && other.first <= mine.last).toBe(false);
      }
      return true;
    }),
  );
});
