// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { readConfig, writeConfig } from '../../engine/arm/config-access.ts';
import type { ArmEvent } from '../../engine/arm/events.ts';
import { bootPci } from '../../engine/arm/probe.ts';
import type { ArmWorld } from '../../engine/arm/world.ts';
import { makeSbdf } from '../../engine/num/sbdf.ts';
import { RCAR, worldWith } from './build.ts';

const DEVICE = makeSbdf(0, 2, 0x0b);

const booted = (bridge: unknown, busValue: number): ArmWorld => {
  const world = worldWith([bridge]);
  world.answers.busValue = busValue;
  bootPci(world);
  world.events = [];
  return world;
};

const brief = (events: readonly ArmEvent[]): readonly string[] => events.map(({ io, pa, val }) => `${io} ${pa} ${val}`);

describe('a device behind the child window', () => {
  test('is reached through the unrolled layout once the viewport register reads as all ones', () => {
    const world = booted(RCAR, 0xffffffff);
    readConfig(world, DEVICE, 0x10, 4);
    expect(brief(world.events).slice(0, 11)).toEqual([
      'read 0xe65d0900 0xffffffff',
      'write 0xe65d3208 0xfe000000',
      'write 0xe65d320c 0',
      'write 0xe65d3210 0xfe3fffff',
      'write 0xe65d3220 0',
      'write 0xe65d3214 0x20b0000',
      'write 0xe65d3218 0',
      'write 0xe65d3200 0x4',
      'write 0xe65d3204 0x80000000',
      'read 0xe65d3204 0x80000000',
      'read 0xfe000010 0xffffffff',
    ]);
  });

  test('does not have the layout looked at by a write', () => {
    const world = booted(RCAR, 0xffffffff);
    writeConfig(world, DEVICE, 0x10, 4, 5);
    expect(brief(world.events)[0]).toBe('write 0xe65d0900 0x1');
  });

  test('leaves the region as it is with more than two viewports', () => {
    const world = booted({ ...RCAR, numViewport: 3 }, 0);
    readConfig(world, DEVICE, 0, 4);
    expect(brief(world.events).at(-1)).toBe('read 0xfe000000 0');
  });

  test('reads as all ones when the region does not become enabled', () => {
    const world = booted(RCAR, 0);
    world.ports.writeBus = () => undefined;
    expect(readConfig(world, DEVICE, 0, 2).value).toBe(0xffff);
    expect(brief(world.events).filter((each) => each === 'read 0xe65d0908 0')).toHaveLength(5);
  });

  test('has no upper limit written while the version is unknown', () => {
    const regs = RCAR.regs.filter(({ name }) => name !== 'app');
    const world = booted({ ...RCAR, regs }, 0);
    readConfig(world, DEVICE, 0, 4);
    expect(brief(world.events).some((each) => each.includes('0xe65d0924'))).toBe(false);
  });

  test('crashes Xen when the unrolled unit was never mapped', () => {
    const regs = RCAR.regs.filter(({ name }) => name !== 'app' && name !== 'atu');
    const world = booted({ ...RCAR, regs }, 0xffffffff);
    readConfig(world, DEVICE, 0, 4);
    expect(world.undefinedRule).toBe('undefined.designware-unit-not-mapped');
  });
});
