// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { setVersion } from '../../../engine/guest/grants/set-version.ts';
import { describeGrants } from '../../../engine/guest/grants/state.ts';
import { listFrames, mapForKernel, putTableFrame } from '../../../engine/guest/grants/table-frames.ts';
import type { GrantWorld } from '../../../engine/guest/grants/world.ts';
import { frameAtIndex, growTable, makeXenTable, type XenTable } from '../../../engine/guest/grants/xen-table.ts';
import { ERRNO } from '../../../engine/num/errno.ts';
import { gfn, mfn } from '../../../engine/num/frames.ts';
import { grantFrame, grantStatusFrame, isHeapFrame } from '../../../engine/xen/heap-frames.ts';
import { P2m } from '../../../engine/xen/p2m.ts';
import { makeWorld, run } from './worlds.ts';

const ARM = { trail: undefined, isArm: true };
const X86 = { trail: undefined, isArm: false };

const STATUS = 0x80000000;

const tableOfVersion2 = (maxFrames: number): XenTable => {
  const table = makeXenTable(1, maxFrames, 2);
  table.version = 2;
  table.statusFrames = 1;
  return table;
};

test("frames of Xen's are no frames of a machine, and no two tables share one", () => {
  const all = [0, 1, 0x7fef].flatMap((domid) => [
    grantFrame(domid, 0),
    grantFrame(domid, 4095),
    grantStatusFrame(domid, 0),
    grantStatusFrame(domid, 511),
  ]);
  expect(new Set(all).size).toBe(all.length);
  expect(all.every(isHeapFrame)).toBe(true);
  expect([0, 0xffffffff, 2 ** 36 - 1].some(isHeapFrame)).toBe(false);
});

describe('an index of the physmap', () => {
  test('makes the table grow to it, up to the limit and not back', () => {
    const table = makeXenTable(1, 4, 1);
    expect(frameAtIndex(ARM, table, 3)).toEqual({ mfn: grantFrame(1, 3), shared: 3 });
    expect(frameAtIndex(ARM, table, 1)).toEqual({ mfn: grantFrame(1, 1), shared: 1 });
    expect(table.frames).toBe(4);
    expect(frameAtIndex(ARM, table, 4)).toBeUndefined();
    expect(frameAtIndex(ARM, table, 0xffffffff)).toBeUndefined();
  });

  test('has 32 bits', () => {
    expect(frameAtIndex(ARM, makeXenTable(1, 4, 1), 2 ** 32 + 2)).toEqual({ mfn: grantFrame(1, 2), shared: 2 });
  });

  test('of a status frame asks for the eight frames that it is for', () => {
    const table = tableOfVersion2(16);
    expect(frameAtIndex(X86, table, STATUS)).toEqual({ mfn: grantStatusFrame(1, 0), shared: undefined });
    expect(table.frames).toBe(1);
    expect(frameAtIndex(X86, table, STATUS + 1)).toEqual({ mfn: grantStatusFrame(1, 1), shared: undefined });
    expect([table.frames, table.statusFrames]).toEqual([16, 2]);
    expect(frameAtIndex(X86, table, STATUS + 2)).toBeUndefined();
    expect(frameAtIndex(X86, table, 0xffffffff)).toBeUndefined();
  });

  test('of a status frame that is there already may be beyond eight whole frames', () => {
    const table = tableOfVersion2(9);
    growTable(X86, table, 9);
    expect(table.statusFrames).toBe(2);
    expect(frameAtIndex(X86, table, STATUS + 1)).toEqual({ mfn: grantStatusFrame(1, 1), shared: undefined });
  });
});

describe("a kernel's frames at a place that nobody knows", () => {
  const start = (world: typeof ARM): { readonly table: XenTable; readonly p2m: P2m } => {
    const mapped = { table: makeXenTable(1, 4, 1), p2m: new P2m() };
    expect(mapForKernel(world, mapped, 'somewhere', { first: 0, last: 1 })).toBe(true);
    return mapped;
  };

  test('are listed as being somewhere', () => {
    const mapped = start(ARM);
    growTable(ARM, mapped.table, 4);
    expect(listFrames(mapped, 'somewhere', 4)).toEqual(['somewhere*2', 'nowhere*2']);
  });

  test('stay there on Arm, and are moved on x86', () => {
    expect(putTableFrame(ARM, start(ARM), 1, gfn(0x10))).toBe(-ERRNO.EBUSY);
    const mapped = start(X86);
    expect(putTableFrame(X86, mapped, 1, gfn(0x10))).toBe(0);
    expect(listFrames(mapped, 'somewhere', 2)).toEqual(['somewhere', '0x10']);
  });

  test('are not mapped where another mapping is in the way on Arm; on x86 that one goes', () => {
    const results = [ARM, X86].map((world) => {
      const mapped = start(world);
      putTableFrame(world, mapped, 3, gfn(0x10));
      const grown = mapForKernel(world, mapped, 'somewhere', { first: 2, last: 3 });
      return [grown, ...listFrames(mapped, 'somewhere', 4)];
    });
    expect(results).toEqual([
      [false, 'somewhere*2', 'nowhere', '0x10'],
      [true, 'somewhere*4'],
    ]);
  });
});

test('a frame that is not put anywhere stays where it was', () => {
  const mapped = { table: makeXenTable(1, 4, 1), p2m: new P2m() };
  mapped.p2m.set(gfn(0x20), 1, mfn(0xfe000), 'mmio_direct');
  expect(putTableFrame(X86, mapped, 0, gfn(0x10))).toBe(0);
  expect(putTableFrame(X86, mapped, 0, gfn(0x20))).toBe(-ERRNO.EPERM);
  expect(listFrames(mapped, 'somewhere', 1)).toEqual(['0x10']);
});

test('a frame that another page has taken the place of can be mapped again on Arm', () => {
  const mapped = { table: makeXenTable(1, 4, 1), p2m: new P2m() };
  expect([0, 1].map((index) => putTableFrame(ARM, mapped, index, gfn(0x10)))).toEqual([0, 0]);
  expect(listFrames(mapped, 'somewhere', 2)).toEqual(['nowhere', '0x10']);
  expect(putTableFrame(ARM, mapped, 0, gfn(0x11))).toBe(0);
});

describe('a grown table', () => {
  test('has the references that Linux has asked for, and what Xen has beyond is told apart', () => {
    const world = makeWorld({ grants: { frames: 3 } });
    run(world, 'virtio.probe', { device: 'net' });
    run(world, 'dma.map', { device: 'net', pfn: '0x1000', offset: '0', size: '0x200000', dir: 'bidir' });
    expect(describeGrants(world)).toMatchObject({ frames: 2, size: 1024 });
    expect(describeGrants(world).xen).toBeUndefined();
    growTable(world, world.xen, 3);
    expect(describeGrants(world).xen).toEqual([{ dom: 'd1', frames: 3 }]);
  });

  test('is full when Linux cannot map a frame, whatever the limit', () => {
    const world = makeWorld({ grants: { frames: 3 } });
    world.xen.elsewhere.add(1);
    run(world, 'virtio.probe', { device: 'net' });
    const row = { device: 'net', pfn: '0x1000', offset: '0', size: '0x1f9000', dir: 'bidir' };
    expect(run(world, 'dma.map', row).dma).toBe('error');
    world.xen.elsewhere.delete(1);
    expect(run(world, 'dma.map', row).dma).not.toBe('error');
  });
});

describe('set_version', () => {
  const withVersion2 = (): GrantWorld => ({ ...makeWorld(), isArm: false, xen: makeXenTable(1, 1, 2) });

  test('keeps what the first eight references grant, with their status', () => {
    const world = withVersion2();
    const { flags, domid, gfn: frames } = world.table.shared;
    [flags[1], domid[1], frames[1]] = [0x19, 7, 0x89abcdef];
    [flags[9], domid[9], frames[9]] = [0x1, 7, 0x10];
    const p2m = new P2m();
    expect(setVersion(world, 1, p2m, 2)).toBe(0);
    const kept = { ref: 1, n: 1, domid: 7, gfn: '0x89abcdef', pin: 0 };
    expect(describeGrants(world).entries).toEqual([{ ...kept, flags: 1, status: 0x18 }]);
    expect(setVersion(world, 1, p2m, 1)).toBe(0);
    expect(describeGrants(world).entries).toEqual([{ ...kept, flags: 0x19 }]);
  });

  test('drops reserved entries of version 2 that grant nothing', () => {
    const world = withVersion2();
    const p2m = new P2m();
    expect(setVersion(world, 1, p2m, 2)).toBe(0);
    world.table.shared.flags[4] = 2;
    expect(setVersion(world, 1, p2m, 1)).toBe(0);
    expect(describeGrants(world).entries).toEqual([]);
  });

  test('does not take what only version 2 can say into version 1', () => {
    const world = withVersion2();
    const p2m = new P2m();
    expect(setVersion(world, 1, p2m, 2)).toBe(0);
    world.table.shared.flags[4] = 3;
    expect(setVersion(world, 1, p2m, 1)).toBe(-ERRNO.ERANGE);
    expect(describeGrants(world).xen).toMatchObject([{ version: 2 }]);
  });
});
