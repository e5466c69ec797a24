// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { createDomain, findHandler } from '../../engine/arm/handlers.ts';
import { deviceAt, readMmio, writeMmio } from '../../engine/arm/mmio.ts';
import { bootPci } from '../../engine/arm/probe.ts';
import { formatSbdf } from '../../engine/num/sbdf.ts';
import { ECAM, worldWith } from './build.ts';

describe('a guest', () => {
  test('has one window of 256 buses on segment 0, whatever the host has', () => {
    const world = worldWith([{ ...ECAM, pciDomain: 7, busRange: '4-7' }]);
    bootPci(world);
    const handler = findHandler(createDomain(world, 'd1'), 0x1ff0a123n);
    expect(handler && formatSbdf(deviceAt(handler, 0x1ff0a123n))).toBe('0000:ff:01.2');
  });

  test('has its 8-byte store split, low half first', () => {
    const world = worldWith([]);
    expect(writeMmio(world, createDomain(world, 'd1'), 0x10000010n, 8, 0x1122334455667788n)).toBe('handled');
    expect(world.events.slice(1).map(({ reg, val }) => [reg, val])).toEqual([
      [0x10, '0x55667788'],
      [0x14, '0x11223344'],
    ]);
  });

  test('gets a misaligned access back as an abort, and its register is left alone', () => {
    const world = worldWith([]);
    const domain = createDomain(world, 'd1');
    expect(readMmio(world, domain, 0x10000002n, 4)).toEqual({ state: 'abort', register: undefined });
  });

  test('without trapping reads ones from unmapped addresses, since the release that brought it', () => {
    for (const [release, state] of [
      ['xen-4.20', 'unhandled'],
      ['xen-4.21', 'handled'],
    ] as const) {
      const world = worldWith([], release);
      const domain = createDomain(world, 'd1', { trapUnmapped: false });
      expect(readMmio(world, domain, 0x20000000n, 2).state).toBe(state);
      expect(writeMmio(world, domain, 0x20000000n, 2, 1n)).toBe(state);
    }
  });
});

test('a window that ends at 2^64 or wraps over it traps nothing', () => {
  const trapsAtStart = (address: string, size: string): boolean => {
    const world = worldWith([{ regs: [{ address, size }] }]);
    bootPci(world);
    return findHandler(createDomain(world, 'd0'), BigInt(address)) !== undefined;
  };
  expect(trapsAtStart('0xffffffffffffe000', '0x1000')).toBe(true);
  expect(trapsAtStart('0xfffffffffffff000', '0x1000')).toBe(false);
  expect(trapsAtStart('0x40000000', '0xffffffffffffffff')).toBe(false);
});

test('without vPCI nobody gets a handler', () => {
  const world = worldWith([ECAM]);
  world.options = { ...world.options, hasVpci: false };
  bootPci(world);
  expect(createDomain(world, 'd0').handlers).toEqual([]);
  expect(createDomain(world, 'd1').handlers).toEqual([]);
});
