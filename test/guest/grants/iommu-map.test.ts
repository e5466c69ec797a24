// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { guest, makeWorld, run } from './worlds.ts';

const OLD = guest('linux-6.12');
const NEW = guest('linux-7.2');

const NODES = {
  one: { compatible: ['xen,grant-dma'] },
  none: { compatible: ['xen,grant-dma'], iommuCells: 0 },
  two: { compatible: ['xen,grant-dma'], iommuCells: 2 },
  silent: { compatible: ['xen,grant-dma'], iommuCells: null },
  wide: { compatible: ['xen,grant-dma'], iommuCells: 17 },
};

/** The backend that requester id 8 gets from a map, or the error of its probe. */
const backendOf = (bridge: object, behaviours = OLD, rid = 8): number | undefined => {
  const deviceTree = { iommus: NODES, hostBridges: { h: bridge }, pci: { v: { host: 'h', rid } } };
  const outcome = run(makeWorld({ deviceTree, behaviours }), 'virtio.probe', { device: 'v' });
  return outcome.backend ?? outcome.ret;
};

const UNKNOWN = 99;

describe('both guests', () => {
  test.each([OLD, NEW])('take the first entry that covers the id, and count from its base', (behaviours) => {
    expect(backendOf({ iommuMap: [0, 'one', 5, 16, 8, 'one', 9, 1] }, behaviours)).toBe(13);
  });

  test.each([OLD, NEW])('give function 1 of a device the next backend', (behaviours) => {
    const map = { iommuMap: [0x8, 'one', 1, 8, 0x10, 'one', 2, 8] };
    expect([0x8, 0x9, 0x10].map((rid) => backendOf(map, behaviours, rid))).toEqual([1, 2, 2]);
  });

  test.each([OLD, NEW])('refuse a base outside the mask, but only when they get there', (behaviours) => {
    expect(backendOf({ iommuMap: [9, 'one', 1, 1], iommuMapMask: [0xfff8] }, behaviours)).toBe(-3);
    expect(backendOf({ iommuMap: [8, 'one', 1, 1, 9, 'one', 1, 1], iommuMapMask: [0xfff8] }, behaviours)).toBe(1);
  });

  test.each([OLD, NEW])('read no mask of less than four bytes', (behaviours) => {
    expect(backendOf({ iommuMap: [8, 'one', 3, 1], iommuMapMask: [0], iommuMapMaskBytes: 3 }, behaviours)).toBe(3);
  });

  test.each([OLD, NEW])('extend a property with zeros to the length that it has', (behaviours) => {
    expect(backendOf({ iommuMap: [8, 'one', 3, 1], iommuMapBytes: 32 }, behaviours)).toBe(3);
    expect(backendOf({ iommuMap: [8, 'one', 3, 1], iommuMapBytes: 18 }, behaviours)).toBe(-3);
  });
});

describe.each<[what: string, map: readonly (number | string)[], old: number, new_: number]>([
  ['an entry of three cells for a target without specifier', [8, 'none', 1], -3, -3],
  ['an entry of four cells for a target without specifier', [8, 'none', 3, 1], 3, -3],
  ['one-cell entries for a target of two, all of length 1', [8, 'two', 3, 1, 16, 'two', 4, 1], 3, 3],
  ['a one-cell entry of another length for a target of two', [8, 'two', 3, 8], 3, -3],
  ['a target that does not tell its cells', [8, 'silent', 3, 1], 3, 3],
  ['a target of more cells than there are', [16, 'wide', 3, 1, 8, 'one', 3, 1], 3, -3],
  ['a partial entry after the match', [8, 'one', 3, 1, 16], -3, 3],
  ['a partial entry before any match', [16, 'one', 3, 1, 8], -3, -3],
  ['an unknown phandle before the match', [16, UNKNOWN, 3, 1, 8, 'one', 4, 1], 4, -3],
  ['an unknown phandle after the match', [8, 'one', 4, 1, 16, UNKNOWN, 3, 1], 4, 4],
  ['a range whose end does not fit 32 bits', [8, 'one', 3, 0xfffffff8], -3, 3],
  ['a range that ends at the last id', [8, 'one', 3, 0xfffffff7], 3, 3],
  ['an empty map', [], -3, -3],
])('%s', (_what, iommuMap, old, new_) => {
  test('in 6.12', () => expect(backendOf({ iommuMap }, OLD)).toBe(old));
  test('in 7.2', () => expect(backendOf({ iommuMap }, NEW)).toBe(new_));
});

test('an entry that does not match is not checked for its length by either guest', () => {
  const iommuMap = [16, 'two', 1, 0, 4, 8, 'one', 7, 1];
  expect(backendOf({ iommuMap }, NEW)).toBe(7);
});

test('a phandle that the file gives is used, and the others go around it', () => {
  const iommus = { a: {}, b: { compatible: ['xen,grant-dma'], phandle: 1 }, c: { compatible: ['xen,grant-dma'] } };
  const hostBridges = { h: { iommuMap: [8, 1, 5, 1, 9, 3, 6, 1] } };
  const pci = { v: { host: 'h', rid: 8 }, w: { host: 'h', rid: 9 } };
  const world = makeWorld({ deviceTree: { iommus, hostBridges, pci } });
  expect(run(world, 'virtio.probe', { device: 'v' }).backend).toBe(5);
  expect(run(world, 'virtio.probe', { device: 'w' }).backend).toBe(6);
});

describe('a platform device', () => {
  const probe = (node: object): number | undefined => {
    const world = makeWorld({ deviceTree: { iommus: NODES, platform: { v: node } } });
    const outcome = run(world, 'virtio.probe', { device: 'v' });
    return outcome.backend ?? outcome.ret;
  };

  test.each<[what: string, node: object, result: number]>([
    ['of its first entry', { iommus: ['one', 4, 'one', 5] }, 4],
    ['cut to 16 bits', { iommus: ['one', 0x10002] }, 2],
    ['or none for a null phandle', { iommus: [0, 'one', 4] }, -3],
    ['or none where the specifier is cut off', { iommus: ['one', 4], iommusBytes: 7 }, -3],
    ['or none for two cells', { iommus: ['two', 4, 5] }, -3],
    ['or none for a target that does not tell its cells', { iommus: ['silent', 4] }, -3],
    ['or none for a map', { iommuMap: [0, 'one', 4, 0x10000] }, -3],
    ['or -ENODEV without a node', { node: false }, -19],
  ])('gets the backend %s', (_what, node, result) => {
    expect(probe(node)).toBe(result);
  });
});
