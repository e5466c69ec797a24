// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { describeGrants } from '../../../engine/guest/grants/state.ts';
import type { GrantWorld } from '../../../engine/guest/grants/world.ts';
import { stateNamed } from '../../../engine/replay/compare-steps.ts';
import { GRANT_PROPOSALS } from '../../../engine/semantics/linux.ts';
import { makeWorld, run, TWO_BACKENDS, type WorldOptions } from './worlds.ts';

const proposed = (names: readonly string[], options: WorldOptions = {}): GrantWorld => {
  const state = stateNamed(['linux-7.2', ...names].join('+'));
  if (state === undefined) throw new Error(`no proposals ${names}`);
  return makeWorld({ ...options, behaviours: state.behaviours.linux });
};

const MAP = { device: 'net', pfn: '1', offset: '0', size: '1', dir: 'bidir' };

test('iommus on the bridge give all devices below it one backend', () => {
  const deviceTree = {
    ...TWO_BACKENDS,
    hostBridges: { h: { iommus: ['g', 7], iommuMap: [0x8, 'g', 1, 1] } },
  };
  const world = proposed(['virtio-bridge-iommus'], { deviceTree });
  expect(run(world, 'virtio.probe', { device: 'net' }).backend).toBe(7);
  expect(run(world, 'virtio.probe', { device: 'blk' }).backend).toBe(7);
});

describe('the register of the root complex', () => {
  const bridges = { h: { node: false, backends: { '0x8': 3 } }, other: { iommuMap: [0x10, 'g', 2, 1] } };
  const pci = { ...TWO_BACKENDS.pci, old: { host: 'other', rid: 0x10 } };
  const world = proposed(['virtio-root-complex-register'], {
    deviceTree: { ...TWO_BACKENDS, hostBridges: bridges, pci },
  });

  test('answers the backend of a requester id, without any node', () => {
    expect(run(world, 'virtio.probe', { device: 'net' })).toEqual({
      ret: 0,
      dmaOps: 'grant',
      backend: 3,
      register: { wrote: '0x8', read: '0x3' },
    });
  });

  test('reads as all ones for others, which keep platform DMA', () => {
    expect(run(world, 'virtio.probe', { device: 'blk' })).toEqual({
      ret: -3,
      dmaOps: 'platform',
      backend: null,
      register: { wrote: '0x10', read: '0xffffffff' },
    });
  });

  test('is not asked where the bridge has none', () => {
    expect(run(world, 'virtio.probe', { device: 'old' })).toEqual({ ret: 0, dmaOps: 'grant', backend: 2 });
  });
});

test('the register of a device names its backend, and devices without one ask the map', () => {
  const pci = { net: { host: 'h', rid: 0x8, backendRegister: 5 }, blk: { host: 'h', rid: 0x10 } };
  const deviceTree = { ...TWO_BACKENDS, hostBridges: { h: { iommuMap: [0x8, 'g', 1, 0x10] } }, pci };
  const world = proposed(['virtio-device-register'], { deviceTree });
  expect(run(world, 'virtio.probe', { device: 'net' }).backend).toBe(5);
  expect(run(world, 'virtio.probe', { device: 'blk' }).backend).toBe(9);
  const asMerged = proposed([], { deviceTree });
  expect(run(asMerged, 'virtio.probe', { device: 'net' }).backend).toBe(1);
});

test('a device that is plugged in when its backend is up is not there before', () => {
  const world = proposed(['virtio-wait-hot-plug']);
  expect(run(world, 'virtio.probe', { device: 'net' })).toEqual({ ret: -19, dmaOps: 'platform', backend: null });
  expect(run(world, 'virtio.backend', { domid: 'd2', state: 'up' })).toEqual({ probed: {} });
  expect(run(world, 'virtio.backend', { domid: 'd1', state: 'up' })).toEqual({ probed: { net: 0 } });
});

test("the root complex's driver goes on with all devices at the first signal", () => {
  const world = proposed(['virtio-wait-root-complex']);
  expect(run(world, 'virtio.probe', { device: 'net' }).deferred).toBe(true);
  expect(run(world, 'virtio.probe', { device: 'blk' }).deferred).toBe(true);
  expect(run(world, 'virtio.backend', { domid: 'd1', state: 'up' })).toEqual({ probed: { net: 0, blk: 0 } });
  run(world, 'dma.map', { ...MAP, device: 'blk' });
  expect(describeGrants(world).noBackend).toEqual([{ op: 'dma.map', device: 'blk', backend: 2 }]);
});

test('a forced backend is the configured one', () => {
  const options = { deviceTree: { platform: { v: { node: false } } }, grants: { forceGrant: true, forcedBackend: 9 } };
  const world = proposed(['virtio-forced-backend'], options);
  expect(run(world, 'virtio.probe', { device: 'v' }).backend).toBe(9);
  expect(run(makeWorld(options), 'virtio.probe', { device: 'v' }).backend).toBe(0);
});

describe('a backend that is not up', () => {
  test('is not asked about by guests as they are', () => {
    const world = makeWorld();
    run(world, 'virtio.probe', { device: 'net' });
    run(world, 'dma.map', MAP);
    expect(describeGrants(world)).not.toHaveProperty('noBackend');
  });

  test('gets requests in vain when nothing waits, until it comes up and after it went', () => {
    const world = proposed(['virtio-wait-none']);
    run(world, 'virtio.probe', { device: 'net' });
    run(world, 'dma.map', MAP);
    run(world, 'virtio.backend', { domid: 'd1', state: 'up' });
    run(world, 'dma.map', MAP);
    run(world, 'virtio.backend', { domid: 'd1', state: 'down' });
    run(world, 'dma.alloc', { device: 'net', size: '1' });
    expect(describeGrants(world).noBackend).toEqual([
      { op: 'dma.map', device: 'net', backend: 1 },
      { op: 'dma.alloc', device: 'net', backend: 1 },
    ]);
  });

  test('keeps its front ends from probing while their node is disabled', () => {
    const world = proposed(['virtio-wait-disabled-node']);
    expect(run(world, 'virtio.probe', { device: 'net' })).toMatchObject({ deferred: true });
    run(world, 'virtio.probe', { device: 'blk' });
    run(world, 'virtio.elapse', { ms: '100000' });
    expect(describeGrants(world).devices).toEqual([
      { dev: 'net', ops: 'platform', waiting: true },
      { dev: 'blk', ops: 'platform', waiting: true },
    ]);
    expect(run(world, 'virtio.backend', { domid: 'd1', state: 'up' })).toEqual({ probed: { net: 0 } });
    expect(run(world, 'dma.map', MAP).dma).toBe('0x8000000000008000');
    expect(describeGrants(world).noBackend).toEqual([]);
  });

  test('is waited for like a link, up to the limit', () => {
    const world = proposed(['virtio-wait-link'], { grants: { linkWaitMs: 1000 } });
    run(world, 'virtio.probe', { device: 'net' });
    run(world, 'virtio.elapse', { ms: '600' });
    run(world, 'virtio.probe', { device: 'blk' });
    expect(run(world, 'virtio.elapse', { ms: '400' })).toEqual({ probed: { net: -110 } });
    expect(run(world, 'virtio.backend', { domid: 'd1', state: 'up' })).toEqual({ probed: {} });
    expect(run(world, 'virtio.backend', { domid: 'd2', state: 'up' })).toEqual({ probed: { blk: 0 } });
  });
});

test('every proposal changes something and says where it comes from', () => {
  for (const { name, changes } of GRANT_PROPOSALS) {
    expect(name).toMatch(/^virtio-/);
    expect(changes.length).toBeGreaterThan(0);
    for (const { source } of changes) expect(source).not.toBe('');
  }
});
