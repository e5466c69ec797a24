// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { GNTST } from '../../../engine/guest/grants/constants.ts';
import { releaseMappings } from '../../../engine/guest/grants/map-grant.ts';
import { describeGrants } from '../../../engine/guest/grants/state.ts';
import { createDomain, forgetDomain, type GrantWorld } from '../../../engine/guest/grants/world.ts';
import { makeWorld, run } from './worlds.ts';

/** A world in which reference 8 is granted to d1, read-only where asked. */
const granted = (dir = 'bidir', grants: object = { frames: 1 }): GrantWorld => {
  const world = makeWorld({ grants });
  run(world, 'virtio.probe', { device: 'net' });
  run(world, 'dma.map', { device: 'net', pfn: '0x1000', offset: '0', size: '1', dir });
  return world;
};

const map = (world: GrantWorld, row: Readonly<Record<string, string>> = {}): number | undefined =>
  run(world, 'grant_table.map_grant_ref', { dom: 'd1', ref: '8', flags: 'host_map', ...row }).status;

describe('map_grant_ref', () => {
  test.each<[what: string, row: Readonly<Record<string, string>>, status: number]>([
    ['neither host nor device map', { flags: 'readonly', domid: 'd77' }, GNTST.badGntref],
    [
      'a device map, which externally paged domains have not',
      { flags: 'device_map', domid: 'd77' },
      GNTST.generalError,
    ],
    ['a granter that is not there', { domid: 'd77', ref: '9999' }, GNTST.badDomain],
    ['a reference beyond the table', { ref: '512' }, GNTST.badGntref],
    ['a reference that was never granted', { ref: '100' }, GNTST.generalError],
    ['a domain that it was not granted to', { dom: 'd3' }, GNTST.generalError],
    ["another granter's reference", { domid: 'd2' }, GNTST.generalError],
    ["a reference beyond another granter's table", { domid: 'd2', ref: '512' }, GNTST.badGntref],
  ])('answers %s', (_what, row, status) => {
    expect(map(granted(), row)).toBe(status);
  });

  test('refuses to write what was granted read-only, pinned or not', () => {
    const world = granted('to_device');
    expect(map(world)).toBe(GNTST.generalError);
    expect(map(world, { flags: 'host_map|readonly' })).toBe(GNTST.okay);
    expect(map(world)).toBe(GNTST.generalError);
  });

  test('finds no page beyond the guest, and takes its marks back', () => {
    const world = granted('bidir', { frames: 1, maxGfn: 0x1000 });
    expect(map(world)).toBe(GNTST.badPage);
    expect(describeGrants(world).entries).toMatchObject([{ ref: 8, flags: 1, pin: 0 }]);
  });

  test('a failed map uses up a handle until the free list comes round', () => {
    const world = granted();
    for (let count = 0; count < 254; count += 1) map(world, { ref: '100' });
    expect(run(world, 'grant_table.map_grant_ref', { dom: 'd1', ref: '8', flags: '2' }).handle).toBe(254);
    expect(run(world, 'grant_table.map_grant_ref', { dom: 'd1', ref: '8', flags: '2' }).handle).toBe(255);
    expect(run(world, 'grant_table.map_grant_ref', { dom: 'd1', ref: '8', flags: '2' }).handle).toBe(0);
  });

  test('runs out of handles one before the last, which the free list keeps', () => {
    const world = makeWorld({ grants: { frames: 1, maptrackFrames: 1 } });
    run(world, 'virtio.probe', { device: 'net' });
    run(world, 'dma.map', { device: 'net', pfn: '1', offset: '0', size: '0x3000', dir: 'bidir' });
    const statuses = Array.from({ length: 257 }, (_, index) => map(world, { ref: String(8 + (index % 3)) }));
    expect(statuses.indexOf(GNTST.noSpace)).toBe(255);
  });

  test('a domain that is created can be named as granter', () => {
    const world = granted();
    createDomain(world, 'd77');
    expect(map(world, { domid: 'd77' })).toBe(GNTST.generalError);
  });
});

describe('unmap_grant_ref', () => {
  test('takes the newest live mapping of a reference', () => {
    const world = granted();
    map(world);
    map(world, { flags: 'host_map|readonly' });
    expect(run(world, 'grant_table.unmap_grant_ref', { ref: '8' })).toEqual({ status: 0, handle: 1 });
    expect(run(world, 'grant_table.unmap_grant_ref', { ref: '8' })).toEqual({ status: 0, handle: 0 });
    expect(run(world, 'grant_table.unmap_grant_ref', { ref: '8' })).toEqual({ noHandle: true });
  });

  test("does not know another domain's handle, nor one twice", () => {
    const world = granted();
    map(world);
    expect(run(world, 'grant_table.unmap_grant_ref', { dom: 'd3', handle: '0' }).status).toBe(GNTST.badHandle);
    expect(run(world, 'grant_table.unmap_grant_ref', { dom: 'd1', handle: '0' }).status).toBe(GNTST.okay);
    expect(run(world, 'grant_table.unmap_grant_ref', { dom: 'd1', handle: '0' }).status).toBe(GNTST.badHandle);
  });

  test('takes the writing mark back with the last writer, the reading mark with the last reader', () => {
    const world = granted();
    const flags = (): number | undefined => describeGrants(world).entries[0]?.flags;
    map(world);
    map(world, { flags: 'host_map|readonly' });
    expect(flags()).toBe(25);
    run(world, 'grant_table.unmap_grant_ref', { dom: 'd1', handle: '0' });
    expect(flags()).toBe(9);
    run(world, 'grant_table.unmap_grant_ref', { dom: 'd1', handle: '1' });
    expect(flags()).toBe(1);
  });
});

describe('the end of a domain', () => {
  test('gives back all it had mapped, and its handles start anew', () => {
    const world = granted();
    map(world);
    map(world, { flags: 'host_map|readonly' });
    releaseMappings(world, 1);
    expect(describeGrants(world)).toMatchObject({ entries: [{ ref: 8, flags: 1, pin: 0 }] });
    expect(run(world, 'grant_table.map_grant_ref', { dom: 'd1', ref: '8', flags: '2' }).handle).toBe(0);
  });

  test('leaves the mappings of others alone', () => {
    const world = granted();
    map(world);
    releaseMappings(world, 2);
    expect(describeGrants(world).handles).toEqual([{ dom: 'd1', handle: 0, ref: 8 }]);
  });

  test('takes it out of the granters', () => {
    const world = granted();
    forgetDomain(world, 'd2');
    expect(map(world, { domid: 'd2' })).toBe(GNTST.badDomain);
    createDomain(world, 'd2');
    expect(map(world, { domid: 'd2' })).toBe(GNTST.generalError);
  });

  test('leaves the guest known while pages of it are mapped, of which a pinned one can be mapped again', () => {
    const world = granted('bidir', { frames: 1, guest: 'd3' });
    run(world, 'dma.map', { device: 'net', pfn: '0x2000', offset: '0', size: '1', dir: 'bidir' });
    map(world);
    forgetDomain(world, `d${world.guest}`);
    expect([map(world), map(world, { ref: '9' })]).toEqual([GNTST.okay, GNTST.badPage]);
    releaseMappings(world, 1);
    expect(map(world)).toBe(GNTST.badDomain);
  });

  test('faults rows of the drivers of a guest that has ended', () => {
    const world = granted();
    forgetDomain(world, `d${world.guest}`);
    expect(() => run(world, 'virtio.probe', { device: 'net' })).toThrow();
    expect(() => run(world, 'dma.unmap', { device: 'net', dma: '0', size: '1', dir: 'bidir' })).toThrow();
  });
});
