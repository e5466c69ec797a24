// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { parseGrantMachine } from '../../../engine/guest/grants/schema.ts';
import { TWO_BACKENDS } from './worlds.ts';

const problemsOf = (value: unknown): readonly string[] => {
  const parsed = parseGrantMachine(value);
  return parsed.ok ? [] : parsed.problems.map(({ message }) => message);
};

test('a machine without either key gets a guest with defaults and no devices', () => {
  const parsed = parseGrantMachine({});
  expect(parsed).toMatchObject({ ok: true, value: { deviceTree: {}, grants: { guest: 'd1', frames: 64 } } });
});

test('other keys of the machine file are not looked at', () => {
  expect(problemsOf({ arch: 'arm', devices: {}, deviceTree: TWO_BACKENDS })).toEqual([]);
});

test('all that is wrong is reported at once, each with its place', () => {
  const deviceTree = {
    iommus: { g: { compatible: ['xen,grant-dma'], phandle: 5 }, h: { phandle: 5 } },
    hostBridges: { h0: { iommuMap: [8, 'gg', 1, 1], backends: { '0x10000': 1 } } },
    pci: { net: { host: 'h1', rid: 8 }, v0: { host: 'h0', rid: 9 } },
    platform: { v0: { iommus: ['x', 1] } },
  };
  expect(problemsOf({ deviceTree })).toEqual([
    'deviceTree.hostBridges.h0.iommuMap.1: no node "gg" under iommus; known: g, h',
    'deviceTree.platform.v0.iommus.0: no node "x" under iommus; known: g, h',
    'deviceTree.pci.net.host: no host bridge "h1" under hostBridges; known: h0',
    'deviceTree.platform.v0: "v0" is a PCI device too; names of devices are unique',
    'deviceTree.iommus.h.phandle: node "g" has phandle 5 already',
    'deviceTree.hostBridges.h0.backends.0x10000: expected a requester id from 0x0 to 0xffff',
  ]);
});

test.each([
  ['an unknown key', { grants: { frame: 1 } }, 'frame'],
  ['a cell beyond 32 bits', { deviceTree: { platform: { v: { iommus: [2 ** 32] } } } }, 'deviceTree.platform.v.iommus'],
  ['a requester id beyond 16 bits', { deviceTree: { pci: { v: { host: 'h', rid: 65536 } } } }, 'deviceTree.pci.v.rid'],
  ['a guest that is no domain', { grants: { guest: 'xen' } }, 'grants.guest'],
  ['no frames', { grants: { frames: 0 } }, 'grants.frames'],
])('%s is refused', (_what, value, part) => {
  expect(problemsOf(value).join('\n')).toContain(part);
});
