// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { checkBar } from '../../engine/arm/check-bar.ts';
import { mapHwdom } from '../../engine/arm/hwdom-mappings.ts';
import { PHYSDEVOP, physdevOp } from '../../engine/arm/physdev.ts';
import { bootPci } from '../../engine/arm/probe.ts';
import { armState } from '../../engine/arm/state.ts';
import { createArmWorld } from '../../engine/arm/world.ts';
import { ERRNO } from '../../engine/num/errno.ts';
import { mfn } from '../../engine/num/frames.ts';
import { makeSbdf } from '../../engine/num/sbdf.ts';
import { behavioursOf, ECAM, machine, newest, worldWith } from './build.ts';

const DEVICE = makeSbdf(0, 0, 0);
const WINDOWED = { ...ECAM, ranges: [{ flags: 0x02000000, cpu: 0x50000000, size: 0x10000000 }] };

describe('dom0', () => {
  test('as shipped gets config space and windows mapped 1:1', () => {
    const world = createArmWorld(machine({ hostBridges: [WINDOWED] }), behavioursOf(newest));
    bootPci(world);
    expect(mapHwdom(world)).toEqual({ handleDeviceResult: 0, result: 0 });
    expect(armState(world)).toMatchObject({
      permitted: [['0x40000', '0x5ffff']],
      mapped: [['0x40000', '0x5ffff']],
    });
  });

  test('with vPCI gets rights to both, but config space and windows are not mapped', () => {
    const world = worldWith([WINDOWED]);
    bootPci(world);
    mapHwdom(world);
    expect(armState(world)).toMatchObject({ permitted: [['0x40000', '0x5ffff']], mapped: [] });
  });

  test('is refused a range beyond the address space', () => {
    const ranges = [{ flags: 0x43000000, cpu: '0xfffffffffffff000', size: 0x2000 }];
    expect(mapHwdom(worldWith([{ ...ECAM, ranges }]))).toEqual({
      handleDeviceResult: -ERRNO.ERANGE,
      result: undefined,
    });
  });

  test('a device of one page passes the BAR check in all releases but the oldest', () => {
    for (const [release, ok] of [
      ['xen-4.17', false],
      ['xen-4.18', true],
    ] as const) {
      const world = worldWith([WINDOWED], release);
      bootPci(world);
      expect(checkBar(world, DEVICE, mfn(0x50000), mfn(0x50000))).toBe(ok);
      expect(checkBar(world, DEVICE, mfn(0x50000), mfn(0x50001))).toBe(true);
    }
  });

  test('reports devices with an IOMMU alone, since the release that allowed it', () => {
    const add = (release: string): number =>
      physdevOp(createArmWorld(machine({}), behavioursOf(release)), PHYSDEVOP.pci_device_add, DEVICE, 0);
    expect([add('xen-4.20'), add('xen-4.21')]).toEqual([-ERRNO.EOPNOTSUPP, 0]);
  });
});
