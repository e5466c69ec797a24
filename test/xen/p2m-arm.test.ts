// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { ERRNO } from '../../engine/num/errno.ts';
import { gfn, mfn } from '../../engine/num/frames.ts';
import { P2m } from '../../engine/xen/p2m.ts';
import { mapMmioOnArm, unmapMmioOnArm } from '../../engine/xen/p2m-arm.ts';

const withMemory = (): P2m => {
  const p2m = new P2m();
  p2m.set(gfn(0x100), 0x10, mfn(0x500), 'ram_rw');
  return p2m;
};

test('MMIO is mapped over memory and over other MMIO', () => {
  const p2m = withMemory();
  expect(mapMmioOnArm(p2m, gfn(0x108), 0x10, mfn(0x900))).toBe(0);
  expect(mapMmioOnArm(p2m, gfn(0x110), 1, mfn(0xa00))).toBe(0);
  expect(p2m.list().map(({ first, last, mfn: frame }) => [first, last, frame])).toEqual([
    [0x100, 0x107, 0x500],
    [0x108, 0x10f, 0x900],
    [0x110, 0x110, 0xa00],
    [0x111, 0x117, 0x909],
  ]);
});

test('unmapping what is not there is fine, and MMIO goes whatever its frame', () => {
  const p2m = new P2m();
  mapMmioOnArm(p2m, gfn(0x10), 2, mfn(0x900));
  expect(unmapMmioOnArm(p2m, gfn(0x0), 0x100, mfn(0x0))).toBe(0);
  expect(p2m.list()).toEqual([]);
});

test('memory with another frame keeps everything in place', () => {
  const p2m = withMemory();
  mapMmioOnArm(p2m, gfn(0xf0), 0x10, mfn(0x900));
  expect(unmapMmioOnArm(p2m, gfn(0xf0), 0x20, mfn(0x900))).toBe(-ERRNO.EILSEQ);
  expect(p2m.list()).toHaveLength(2);
  expect(unmapMmioOnArm(p2m, gfn(0x100), 0x10, mfn(0x500))).toBe(0);
});
