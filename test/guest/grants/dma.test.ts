// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { describeGrants } from '../../../engine/guest/grants/state.ts';
import type { GrantWorld } from '../../../engine/guest/grants/world.ts';
import { guest, makeWorld, run } from './worlds.ts';

const probed = (behaviours = guest('linux-6.12')): GrantWorld => {
  const world = makeWorld({ behaviours });
  run(world, 'virtio.probe', { device: 'net' });
  run(world, 'virtio.probe', { device: 'blk' });
  return world;
};

const mapping = (more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  device: 'net',
  pfn: '0x1000',
  offset: '0',
  size: '4096',
  dir: 'bidir',
  ...more,
});

describe('an address', () => {
  test('is bit 63, the first reference and the offset in the page', () => {
    const world = probed();
    expect(run(world, 'dma.map', mapping({ offset: '0x1234', size: '0x1000' })).dma).toBe('0x8000000000008234');
    expect(describeGrants(world).entries).toEqual([{ ref: 8, n: 2, flags: 1, domid: 1, gfn: '0x1001', pin: 0 }]);
  });

  test('is taken apart without a look at bit 63 or who the device is', () => {
    const world = probed();
    run(world, 'dma.map', mapping());
    expect(run(world, 'dma.unmap', { device: 'blk', dma: '0x8000', size: '1', dir: 'bidir' })).toEqual({
      broken: false,
    });
    expect(describeGrants(world).free).toBe(504);
  });

  test('beyond the table is memory that Linux does not own', () => {
    const outcome = run(probed(), 'dma.unmap', { device: 'net', dma: '0x8000000000200000', size: '1', dir: 'bidir' });
    expect(outcome).toEqual({ undefined: true, rule: 'undefined.grant-reference-out-of-bounds' });
  });
});

test('frames in entries are cut to 32 bits, and runs go on across the cut', () => {
  const world = probed();
  run(world, 'dma.map', mapping({ pfn: '0xffffffff', size: '8192' }));
  expect(describeGrants(world).entries).toMatchObject([{ ref: 8, n: 2, gfn: '0xffffffff' }]);
});

describe('a reference that is still mapped', () => {
  const held = (): GrantWorld => {
    const world = probed();
    run(world, 'dma.map', mapping({ size: '0x4000' }));
    run(world, 'grant_table.map_grant_ref', { dom: 'd1', ref: '10', flags: 'host_map' });
    expect(run(world, 'dma.unmap', { device: 'net', dma: '0x8000000000008000', size: '0x4000', dir: 'bidir' })).toEqual(
      {
        broken: true,
      },
    );
    return world;
  };

  test('loses those before it and leaves those after it granted', () => {
    const { entries, free } = describeGrants(held());
    expect(entries.map(({ ref, n, flags }) => [ref, n, flags])).toEqual([
      [8, 2, 0],
      [10, 1, 25],
      [11, 1, 1],
    ]);
    expect(free).toBe(500);
  });

  test('breaks the device for good, whatever the backend and further probes do', () => {
    const world = held();
    run(world, 'grant_table.unmap_grant_ref', { ref: '10' });
    expect(run(world, 'virtio.probe', { device: 'net' })).toEqual({ ret: 0, dmaOps: 'grant', backend: 1 });
    expect(run(world, 'dma.map', mapping())).toEqual({ dma: 'error', broken: true });
    expect(run(world, 'dma.alloc', { device: 'net', size: '1' })).toEqual({ dma: null, broken: true });
    expect(run(world, 'dma.map_sg', { device: 'net', segments: '1:0:1', dir: 'bidir' })).toMatchObject({ ret: -5 });
    expect(run(world, 'dma.supported', { device: 'net', bits: '64' })).toEqual({ ret: 1 });
  });

  test('does not touch other devices', () => {
    expect(run(held(), 'dma.map', mapping({ device: 'blk' })).broken).toBe(false);
  });
});

describe('a buffer', () => {
  test('gets frames that are not used again', () => {
    const world = probed();
    expect(run(world, 'dma.alloc', { device: 'net', size: '4097' })).toMatchObject({ pfn: '0x80000' });
    run(world, 'dma.free', { device: 'net', dma: '0x8000000000008000', size: '4097' });
    expect(run(world, 'dma.alloc', { device: 'net', size: '1' })).toMatchObject({
      dma: '0x8000000000008000',
      pfn: '0x80002',
    });
  });

  test('of no size or more than the page allocator has is refused', () => {
    const world = makeWorld({ grants: { frames: 8 } });
    run(world, 'virtio.probe', { device: 'net' });
    expect(run(world, 'dma.alloc', { device: 'net', size: '0' }).dma).toBeNull();
    expect(run(world, 'dma.alloc', { device: 'net', size: '0x400001' }).dma).toBeNull();
    expect(run(world, 'dma.alloc', { device: 'net', size: '0x400000' }).dma).toBe('0x8000000000008000');
  });
});

describe('memory that is none (DMA_ATTR_MMIO)', () => {
  test('is granted by 6.12', () => {
    expect(run(probed(), 'dma.map', mapping({ attrs: 'mmio' })).dma).toBe('0x8000000000008000');
  });

  test('is refused by 7.2', () => {
    expect(run(probed(guest('linux-7.2')), 'dma.map', mapping({ attrs: 'mmio' })).dma).toBe('error');
  });
});

test('an operation on what the machine or the trace does not have says so and does nothing', () => {
  const world = probed();
  expect(run(world, 'virtio.probe', { device: 'usb' })).toEqual({ noDevice: true });
  expect(run(world, 'dma.map', mapping({ device: 'usb' }))).toEqual({ noDevice: true });
  expect(run(world, 'dma.unmap_sg', { device: 'net', sg: '0', dir: 'bidir' })).toEqual({ noList: true });
  expect(run(world, 'grant_table.unmap_grant_ref', { handle: '0' })).toEqual({ noHandle: true });
  expect(describeGrants(world).entries).toEqual([]);
});

test('a device that was not probed is on platform DMA', () => {
  expect(run(makeWorld(), 'dma.map', mapping())).toEqual({ dmaOps: 'platform' });
});
