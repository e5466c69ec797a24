// SPDX-License-Identifier: GPL-2.0-only
import type { ArmMachine } from '../../engine/arm/description.ts';
import { parseArmMachine } from '../../engine/arm/schema.ts';
import type { ArmWorld } from '../../engine/arm/world.ts';
import { createArmWorld } from '../../engine/arm/world.ts';
import { ARM_RELEASES, type ArmBehaviours } from '../../engine/semantics/arm.ts';
import { findState } from '../../engine/semantics/states.ts';

/** A machine from the form that machine files have; throws where that is wrong. */
export const machine = (value: unknown): ArmMachine => {
  const parsed = parseArmMachine(value);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.value;
};

export const behavioursOf = (release: string): ArmBehaviours => {
  const behaviours = findState(release)?.behaviours.arm;
  if (behaviours === undefined) throw new Error(`no release ${release}`);
  return behaviours;
};

export const newest: string = ARM_RELEASES.at(-1)?.name ?? '';

/** A world with those host bridges, vPCI and pci-passthrough on. */
export const worldWith = (hostBridges: readonly unknown[], release: string = newest): ArmWorld =>
  createArmWorld(machine({ options: { hasVpci: true, pciPassthrough: true }, hostBridges }), behavioursOf(release));

export const RCAR = {
  compatible: 'renesas,r8a779f0-pcie',
  busRange: '0-0xff',
  regs: [
    { name: 'dbi', address: 0xe65d0000, size: 0x1000 },
    { name: 'atu', address: 0xe65d3000, size: 0x2000 },
    { name: 'app', address: 0xe65d6000, size: 0x1000 },
    { name: 'config', address: 0xfe000000, size: 0x400000 },
  ],
} as const;

export const ECAM = { regs: [{ address: 0x40000000, size: 0x10000000 }] } as const;
