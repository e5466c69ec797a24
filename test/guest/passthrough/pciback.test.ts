// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { readServed, serveDevice, servedDevice, writeServed } from '../../../engine/guest/passthrough/pciback.ts';
import { makePassthroughWorld, type VirtualBar } from '../../../engine/guest/passthrough/world.ts';
import { makeSbdf } from '../../../engine/num/sbdf.ts';

const HOST = makeSbdf(0, 1, 0);
const GUEST = makeSbdf(0, 0, 0x18);
const AREA = { address: 0n, size: 0n };

const WIDE: VirtualBar = {
  ...{ index: 0, is64: true, prefetchable: true, physical: 0x8000000000n, sizeBytes: 0x40000000n },
  virtual: 0x180000000n,
};

/** A guest with one device, whose registers are a plain store. */
const serve = (bar: VirtualBar, mayMove = false) => {
  const world = makePassthroughWorld({ low: AREA, high: AREA }, undefined);
  serveDevice(world, { domain: 'd1', host: HOST, guest: GUEST, bars: [{ ...bar }] });
  const device = servedDevice(world, 'd1', GUEST);
  if (device === undefined) throw new Error('the device is served');
  const registers = new Map([
    [0x10, 0x0000000c],
    [0x14, 0x80],
  ]);
  const config = {
    read: (reg: number) => registers.get(reg) ?? 0,
    write: (reg: number, _sizeBytes: number, value: number) => {
      registers.set(reg, value);
    },
  };
  return {
    registers,
    read: (reg: number, sizeBytes = 4) => readServed(world, device, config, reg, sizeBytes),
    write: (reg: number, value: number, sizeBytes = 4) =>
      writeServed({ world, device, config, mayMove }, reg, sizeBytes, value),
  };
};

describe('a 64-bit BAR', () => {
  test('is read and sized half by half', () => {
    const { read, write } = serve(WIDE);
    expect([read(0x10), read(0x14)]).toEqual([0x8000000c, 0x1]);
    write(0x10, 0xffffffff);
    write(0x14, 0xffffffff);
    expect([read(0x10), read(0x14)]).toEqual([0xc000000c, 0xffffffff]);
    write(0x10, 0x8000000c);
    expect([read(0x10), read(0x14)]).toEqual([0x8000000c, 0xffffffff]);
  });

  test('moves half by half, if it may', () => {
    const { read, write } = serve(WIDE, true);
    write(0x14, 0x2);
    write(0x10, 0x40000000);
    expect([read(0x10), read(0x14)]).toEqual([0x4000000c, 0x2]);
  });
});

test('bytes of a BAR are bytes of what it shows', () => {
  const { read, write } = serve(WIDE);
  expect([read(0x10, 1), read(0x13, 1), read(0x12, 2)]).toEqual([0x0c, 0x80, 0x8000]);
  write(0x13, 0x90, 1);
  expect(read(0x10)).toBe(0x8000000c);
});

test('the device has its address back when its own value is written, and only then', () => {
  const { registers, write } = serve(WIDE);
  registers.set(0x14, 0);
  write(0x10, 0x40000000);
  expect(registers.get(0x14)).toBe(0);
  write(0x10, 0x8000000c);
  expect(registers.get(0x14)).toBe(0x80);
});

test('a device of another guest is not found', () => {
  const world = makePassthroughWorld({ low: AREA, high: AREA }, undefined);
  serveDevice(world, { domain: 'd1', host: HOST, guest: GUEST, bars: [] });
  expect(servedDevice(world, 'd2', GUEST)).toBeUndefined();
});
