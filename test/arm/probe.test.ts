// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { bootPci } from '../../engine/arm/probe.ts';
import { ERRNO } from '../../engine/num/errno.ts';
import { ECAM, RCAR, worldWith } from './build.ts';

const withoutReg = (...names: readonly string[]): unknown => ({
  ...RCAR,
  regs: RCAR.regs.filter(({ name }) => !names.includes(name)),
});

describe('bus ranges', () => {
  test('both ends are cut to 8 bits, so a range across 0x100 ends before it starts', () => {
    const world = worldWith([{ ...ECAM, busRange: [0x80, 0x17f] }]);
    expect(bootPci(world)).toBe(0);
    expect(world.bridges[0]?.root).toMatchObject({ firstBus: 0x80, lastBus: 0x7f });
  });

  test('a child window starts at the bus after the root bus and wraps in 8 bits', () => {
    const world = worldWith([{ ...RCAR, busRange: [0xff, 0xff] }]);
    bootPci(world);
    expect(world.bridges[0]).toMatchObject({
      root: { firstBus: 0xff, lastBus: 0xff },
      child: { firstBus: 0, lastBus: 0xff },
    });
  });
});

describe('an R-Car Gen4 bridge', () => {
  test('without its application registers fails with -ENODATA, and stays registered', () => {
    const world = worldWith([withoutReg('app')]);
    expect(bootPci(world)).toBe(-ERRNO.ENODATA);
    expect(world.bridges).toHaveLength(1);
    expect(world.undefinedRule).toBeUndefined();
  });

  test('without a child window, but with application registers, ends in a wild pointer', () => {
    const world = worldWith([withoutReg('config')]);
    bootPci(world);
    expect(world.undefinedRule).toBe('undefined.rcar-error-pointer');
    expect(world.bridges).toEqual([]);
  });

  test('without any register names fails with -EINVAL', () => {
    const regs = RCAR.regs.map(({ address, size }) => ({ address, size }));
    expect(bootPci(worldWith([{ ...RCAR, regs }]))).toBe(-ERRNO.EINVAL);
  });

  test('has no driver before the release that brought one', () => {
    const world = worldWith([RCAR], 'xen-4.20');
    expect(bootPci(world)).toBe(0);
    expect(world.bridges).toEqual([]);
  });
});

describe('segments from the device tree and allocated ones', () => {
  const mixed = [{ ...ECAM, pciDomain: 3 }, { regs: [{ address: 0x80000000, size: 0x100000 }] }];

  test('stop the boot when they are mixed', () => {
    const world = worldWith(mixed);
    bootPci(world);
    expect(world.undefinedRule).toBe('undefined.mixed-pci-domains');
  });

  test('gave the second bridge segment ffff in the oldest release', () => {
    const world = worldWith(mixed, 'xen-4.17');
    expect(bootPci(world)).toBe(0);
    expect(world.bridges.map(({ segment }) => segment)).toEqual([3, 0xffff]);
  });
});
