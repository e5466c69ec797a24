// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';
import { dwordAt, legacyCapabilities } from '../machine/config-dump.ts';
import type { PlainDevice } from '../machine/plain.ts';
import { has, shiftRight } from '../num/bits.ts';
import { type Row, row } from './boot.ts';

/** Flags of the message control registers, in the upper half of the first dword (PCI Local Bus 3.0, 6.8). */
const MSI_ENABLE = 0x00010000;
const MSI_64BIT = 0x00800000;
const MSI_MASKABLE = 0x01000000;
const MSIX_ENABLE_AND_MASK = 0xc0000000;

const NOTE = 'what dom0 had done before the record begins';

/**
 * Writes by which dom0 brings MSI and MSI-X to where the first dump of a device shows them: Xen's state of these is not
 * that of the hardware, so that a machine alone cannot have it. For a record that begins in the middle of a run.
 */
export const catchUp = (devices: readonly PlainDevice[]): readonly Row[] =>
  devices.flatMap(({ sbdf, registers, present }) => {
    if (!present) return [];
    const image = { dwords: registers, sizeBytes: 0x100 };
    const write = (reg: number, size: number, value: number): Row =>
      row('cfg.write', { dom: 'd0', vcpu: undefined, sbdf, reg, size, value: BigInt(value) }, { note: NOTE });
    return legacyCapabilities(image).flatMap(({ id, offset }) => {
      const first = dwordAt(image, offset);
      const control = write(offset + 2, 2, shiftRight(first, 16));
      if (id === CAPABILITY.msix) return has(first, MSIX_ENABLE_AND_MASK) ? [control] : [];
      if (id !== CAPABILITY.msi || !has(first, MSI_ENABLE)) return [];
      const is64 = has(first, MSI_64BIT);
      const data = offset + (is64 ? 12 : 8);
      return [
        write(offset + 4, 4, dwordAt(image, offset + 4)),
        ...(is64 ? [write(offset + 8, 4, dwordAt(image, offset + 8))] : []),
        write(data, 2, dwordAt(image, data) % 0x10000),
        ...(has(first, MSI_MASKABLE) ? [write(data + 4, 4, dwordAt(image, data + 4))] : []),
        control,
      ];
    });
  });
