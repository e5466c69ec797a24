// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import type { HostBridgeNode } from '../../engine/arm/description.ts';
import { findRegName, rangesOf, regAt } from '../../engine/arm/device-tree.ts';
import { ERRNO } from '../../engine/num/errno.ts';
import { machine, RCAR } from './build.ts';

const node = (value: unknown): HostBridgeNode => {
  const [first] = machine({ hostBridges: [value] }).hostBridges;
  if (first === undefined) throw new Error('no node');
  return first;
};

const RANGE = { flags: 0x02000000, pci: '0x1100000012', cpu: '0x2200000022', size: '0x3300000033' };

test('a register is found by name in device tree order', () => {
  expect(findRegName(node(RCAR), 'config')).toEqual({ ok: true, value: 3 });
});

test('an unknown register name is -ENODATA, no names at all are -EINVAL', () => {
  expect(findRegName(node(RCAR), 'cfg')).toEqual({ ok: false, error: -ERRNO.ENODATA });
  expect(findRegName(node({ regs: [{ address: 0, size: 1 }] }), 'cfg')).toEqual({ ok: false, error: -ERRNO.EINVAL });
});

test('a register beyond the last one is -EINVAL', () => {
  expect(regAt({ trail: undefined }, node(RCAR), 4)).toEqual({ ok: false, error: -ERRNO.EINVAL });
});

test('a register at the last byte of the address space is -EINVAL', () => {
  const regs = [
    { address: '0xfffffffffffffffe', size: 1 },
    { address: '0xffffffffffffffff', size: 1 },
  ];
  const results = [0, 1].map((index) => regAt({ trail: undefined }, node({ regs }), index));
  expect(results).toEqual([
    { ok: true, value: { address: 2n ** 64n - 2n, size: 1n, name: undefined } },
    { ok: false, error: -ERRNO.EINVAL },
  ]);
});

test('ranges of a PCI bus are CPU addresses and sizes', () => {
  const expected = { ok: true, value: [{ address: 0x2200000022n, size: 0x3300000033n }] };
  expect(rangesOf(node({ ranges: [RANGE] }))).toEqual(expected);
  expect(rangesOf(node({ ranges: [RANGE], deviceType: null, name: 'pci' }))).toEqual(expected);
});

test('ranges of a node that does not look like a PCI bus are cut at the wrong cells', () => {
  const { value } = { value: undefined, ...rangesOf(node({ ranges: [RANGE], deviceType: null, name: 'foo' })) };
  expect(value).toEqual([{ address: 0x1200000022n, size: 0x2200000033n }]);
});

test('without ranges those of a PCI bus cannot be walked, while another node has none; empty ones can', () => {
  expect(rangesOf(node({}))).toEqual({ ok: false, error: -ERRNO.EINVAL });
  expect(rangesOf(node({ deviceType: 'PCI' }))).toEqual({ ok: false, error: -ERRNO.EINVAL });
  expect(rangesOf(node({ deviceType: 'PCI', name: 'PCIe' }))).toEqual({ ok: true, value: [] });
  expect(rangesOf(node({ ranges: [] }))).toEqual({ ok: true, value: [] });
});
