// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../engine/guest/grants/fault.ts';
import {
  allocateReferences,
  type FreeList,
  freeReferences,
  makeFreeList,
} from '../../../engine/guest/grants/free-list.ts';

const noFault = (): Fault => ({ rule: undefined });

/** Allocates, and expects Linux's memory to stay whole. */
const take = (list: FreeList, count: number): number | undefined => {
  const fault = noFault();
  const ref = allocateReferences(list, count, fault);
  expect(fault.rule).toBeUndefined();
  return ref;
};

const give = (list: FreeList, first: number, count: number): void => freeReferences(list, first, count, noFault());

describe('one reference', () => {
  test('is the one that was given back last', () => {
    const list = makeFreeList(1);
    expect([take(list, 1), take(list, 1), take(list, 1)]).toEqual([8, 9, 10]);
    give(list, 9, 1);
    give(list, 8, 1);
    expect([take(list, 1), take(list, 1), take(list, 1)]).toEqual([8, 9, 11]);
  });

  test('comes from a new frame when none is left, and not beyond the limit', () => {
    const list = makeFreeList(2);
    expect(take(list, 504)).toBe(8);
    expect(take(list, 1)).toBe(512);
    expect(take(list, 511)).toBe(513);
    expect(take(list, 1)).toBeUndefined();
  });
});

describe('several references', () => {
  test('of a block that is given back come out ascending', () => {
    const list = makeFreeList(1);
    take(list, 504);
    give(list, 100, 4);
    expect([take(list, 1), take(list, 1)]).toEqual([100, 101]);
  });

  test('are the start of the run at the end, else the lowest run that is long enough', () => {
    const list = makeFreeList(1);
    expect(take(list, 500)).toBe(8);
    give(list, 20, 3);
    give(list, 40, 8);
    expect(take(list, 4)).toBe(508);
    expect(take(list, 4)).toBe(40);
    expect(take(list, 3)).toBe(20);
  });

  test('skip the first reference of a new frame when nothing was free at the end', () => {
    const list = makeFreeList(2);
    take(list, 504);
    give(list, 8, 503);
    expect(take(list, 504)).toBe(513);
  });
});

describe('no reference at all', () => {
  test('answers the start of the run at the end and takes nothing', () => {
    const list = makeFreeList(1);
    take(list, 2);
    expect(take(list, 0)).toBe(10);
    expect(list.count).toBe(502);
  });

  test('follows a pointer to nowhere in a full table', () => {
    const list = makeFreeList(1);
    take(list, 504);
    const fault = noFault();
    allocateReferences(list, 0, fault);
    expect(fault.rule).toBe('undefined.grant-free-list-null-tail');
  });

  test('reads a link that was never written at the start of the table', () => {
    const fault = noFault();
    allocateReferences(makeFreeList(1), 0, fault);
    expect(fault.rule).toBe('undefined.grant-free-list-out-of-bounds');
  });
});

test('a whole frame on top of a long free run ends beyond the table', () => {
  const list = makeFreeList(4);
  take(list, 1016);
  give(list, 8, 400);
  give(list, 500, 400);
  const fault = noFault();
  allocateReferences(list, 512, fault);
  expect(fault.rule).toBe('undefined.grant-free-list-out-of-bounds');
});

test('blocks never overlap, and all comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 200 })), { maxLength: 80 }), (steps) => {
      const list = makeFreeList(3);
      const held: { first: number; count: number }[] = [];
      for (const [takes, amount] of steps) {
        const oldest = takes ? undefined : held.splice(amount % Math.max(held.length, 1), 1)[0];
        if (oldest !== undefined) give(list, oldest.first, oldest.count);
        const fault = noFault();
        const first = takes ? allocateReferences(list, amount, fault) : undefined;
        if (fault.rule !== undefined) return;
        if (first === undefined) continue;
        for (const block of held)
          expect(first + amount <= block.first || block.first + block.count <= first).toBe(true);
        held.push({ first, count: amount });
      }
      for (const { first, count } of held) give(list, first, count);
      expect(list.count).toBe(list.frames * 512 - 8);
      expect(list.isFree.reduce((sum, bit) => sum + bit, 0)).toBe(list.count);
    }),
  );
});
