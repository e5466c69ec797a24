// SPDX-License-Identifier: GPL-2.0-only
import { wrapU64 } from '../num/u64.ts';
import type { MappedWindow } from './events.ts';
import { ioEvent } from './events.ts';
import type { ArmWorld } from './world.ts';

/** Reads 1, 2 or 4 bytes at an offset of a window that Xen has mapped. */
export const readWindow = (world: ArmWorld, window: MappedWindow, offset: number, sizeBytes: number): number => {
  const address = wrapU64(window.address + BigInt(offset));
  const value = world.ports.readBus(address, sizeBytes);
  world.events.push(ioEvent('read', { address, sizeBytes, value, window }));
  return value;
};

/** Writes 1, 2 or 4 bytes at an offset of a window that Xen has mapped. */
export const writeWindow = (
  world: ArmWorld,
  window: MappedWindow,
  offset: number,
  sizeBytes: number,
  value: number,
): void => {
  const address = wrapU64(window.address + BigInt(offset));
  world.ports.writeBus(address, sizeBytes, value);
  world.events.push(ioEvent('write', { address, sizeBytes, value, window }));
};
