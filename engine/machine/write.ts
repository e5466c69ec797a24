// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf } from '../num/sbdf.ts';
import { hex, hexPadded } from '../num/u64.ts';
import type { PlainDevice, PlainMachine } from './plain.ts';

const dwordsText = (dwords: ReadonlyMap<number, number>): string => {
  const items = [...dwords]
    .filter(([, value]) => value !== 0)
    .sort(([a], [b]) => a - b)
    .map(([offset, value]) => `${hexPadded(offset, 3)}: ${hexPadded(value, 8)}`);
  return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`;
};

const commentOf = ({ registers }: PlainDevice): string => {
  const id = registers.get(0) ?? 0;
  const upper = Math.floor(id / 0x10000);
  const digits = (value: number, count: number): string => value.toString(16).padStart(count, '0');
  const classCode = Math.floor((registers.get(8) ?? 0) / 0x100);
  return `  # id=${digits(id % 0x10000, 4)}:${digits(upper, 4)} class=${digits(classCode, 6)}`;
};

const deviceLines = (device: PlainDevice): string[] => {
  const { sbdf, registers, writable, writeOneToClear, presentWith, sriov, resizable } = device;
  const lines = [
    commentOf(device),
    `  "${formatSbdf(sbdf)}":`,
    `    registers: ${dwordsText(registers)}`,
    `    writable: ${dwordsText(writable)}`,
    `    writeOneToClear: ${dwordsText(writeOneToClear)}`,
    `    extended: ${device.extended}`,
  ];
  if (device.aliased) lines.push('    aliased: true');
  if (sriov !== undefined) lines.push(`    sriov: ${hex(sriov)}`);
  if (resizable.length > 0) {
    const items = resizable.map(({ control, bar }) => `{ control: ${hex(control)}, bar: ${bar} }`);
    lines.push(`    resizable: [${items.join(', ')}]`);
  }
  if (!device.present) lines.push('    present: false');
  if (presentWith !== undefined) lines.push(`    presentWith: "${formatSbdf(presentWith)}"`);
  if (device.stickyMemoryDecoding) lines.push('    stickyMemoryDecoding: true');
  return lines;
};

/** The canonical text of a machine in plain form, each device with a comment that says what it is. */
export const formatMachine = ({ arch, memoryMap, ecam, devices }: PlainMachine): string => {
  const lines = ['machine: 1', `arch: ${arch}`];
  if (memoryMap.length > 0) lines.push('memoryMap:');
  for (const { first, last } of memoryMap) lines.push(`  - ${hex(first)}-${hex(last)}`);
  if (ecam.length > 0) lines.push('ecam:');
  for (const { segment, base, firstBus, lastBus } of ecam)
    lines.push(`  - { segment: ${segment}, base: ${hex(base)}, buses: ${firstBus}-${lastBus} }`);
  lines.push('devices:');
  for (const device of devices) lines.push(...deviceLines(device));
  return `${lines.join('\n')}\n`;
};
