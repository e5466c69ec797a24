// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';
import { imageOf, legacyCapabilities } from '../machine/config-dump.ts';
import type { PlainDevice } from '../machine/plain.ts';

/** Capability ids and how far the registers of theirs go that Xen's interrupt code writes (PCI Local Bus 3.0, 6.8). */
const INTERRUPT_CAPABILITIES: ReadonlyMap<number, number> = new Map([
  [CAPABILITY.msi, 0x18],
  [CAPABILITY.msix, 0x04],
]);

/** Offsets of registers that make up interrupts: MSI whole, of MSI-X the control register. */
export const interruptRegisters = (device: PlainDevice): ReadonlySet<number> => {
  const offsets = new Set<number>();
  const capabilities = legacyCapabilities(imageOf(device));
  for (const { id, offset } of capabilities) {
    const next = Math.min(...capabilities.map((other) => other.offset).filter((other) => other > offset), 0x100);
    const end = Math.min(offset + (INTERRUPT_CAPABILITIES.get(id) ?? 0), next);
    for (let at = offset + 2; at < end; at++) offsets.add(at);
  }
  return offsets;
};
