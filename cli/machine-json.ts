// SPDX-License-Identifier: GPL-2.0-only
import type { PlainDevice, PlainMachine } from '../engine/machine/plain.ts';
import { formatSbdf } from '../engine/num/sbdf.ts';
import { hex, hexPadded } from '../engine/num/u64.ts';

const dwords = (registers: ReadonlyMap<number, number>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...registers].sort(([a], [b]) => a - b).map(([offset, value]) => [hexPadded(offset, 3), hexPadded(value, 8)]),
  );

const deviceJson = (device: PlainDevice): unknown => ({
  registers: dwords(device.registers),
  writable: dwords(device.writable),
  writeOneToClear: dwords(device.writeOneToClear),
  extended: device.extended,
  aliased: device.aliased,
  present: device.present,
  ...(device.presentWith === undefined ? {} : { presentWith: formatSbdf(device.presentWith) }),
  ...(device.sriov === undefined ? {} : { sriov: hex(device.sriov) }),
  resizable: device.resizable.map(({ control, bar }) => ({ control: hex(control), bar })),
  stickyMemoryDecoding: device.stickyMemoryDecoding,
});

/** The machine in the plain form of machine files, numbers in hexadecimal. */
export const machineJson = (machine: PlainMachine): unknown => ({
  machine: 1,
  arch: machine.arch,
  memoryMap: machine.memoryMap.map(({ first, last }) => `${hex(first)}-${hex(last)}`),
  ecam: machine.ecam.map(({ segment, base, firstBus, lastBus }) => ({
    segment,
    base: hex(base),
    buses: `${firstBus}-${lastBus}`,
  })),
  devices: Object.fromEntries(machine.devices.map((device) => [formatSbdf(device.sbdf), deviceJson(device)])),
});
