// SPDX-License-Identifier: GPL-2.0-only
import { shiftLeft } from '../num/bits.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { busOf, devfnOf, segmentOf } from '../num/sbdf.ts';
import { truncateTo } from '../num/u64.ts';
import { applyRule } from '../xen/trail.ts';
import { findBridge, isBehindChild } from './bridges.ts';
import { readBehindChild, writeBehindChild } from './designware.ts';
import type { HostBridge } from './host-bridge.ts';
import { readWindow, writeWindow } from './host-bus.ts';
import type { ArmWorld } from './world.ts';

const ALL_ONES = 0xffffffff;

/**
 * Offset in the root window (xen/arch/arm/pci/ecam.c, pci_ecam_map_bus). It is not checked against the window's size.
 */
const ecamOffset = ({ root }: HostBridge, sbdf: Sbdf, reg: number): number =>
  shiftLeft(busOf(sbdf) - root.firstBus, 20) + shiftLeft(devfnOf(sbdf), 12) + reg;

/**
 * Xen's own config read of 1, 2 or 4 bytes, at any offset (xen/arch/arm/pci/pci-access.c, pci_config_read).
 * Without a bridge it reads 0: the mask that was meant to be all ones is empty.
 */
export const readConfig = (
  world: ArmWorld,
  sbdf: Sbdf,
  reg: number,
  sizeBytes: number,
): { readonly value: number; readonly bridge: HostBridge | undefined } => {
  const bridge = findBridge(world, segmentOf(sbdf), busOf(sbdf));
  if (bridge === undefined) {
    const isZero = world.behaviours.readWithoutBridge === 'zero';
    applyRule(world, isZero ? 'arm.no-bridge-for-bus' : 'draft1.no-such-place', { sbdf });
    return { value: isZero ? 0 : Number(truncateTo(BigInt(ALL_ONES), sizeBytes)), bridge };
  }
  const { child, designware: state } = bridge;
  const value =
    child !== undefined && state !== undefined && isBehindChild(bridge, busOf(sbdf))
      ? readBehindChild({ world, bridge, child, state }, sbdf, reg, sizeBytes)
      : readWindow(world, bridge.root, ecamOffset(bridge, sbdf, reg), sizeBytes);
  return { value: Number(truncateTo(BigInt(value ?? ALL_ONES), sizeBytes)), bridge };
};

/** Xen's own config write of 1, 2 or 4 bytes, dropped without a bridge (pci_config_write). */
export const writeConfig = (
  world: ArmWorld,
  sbdf: Sbdf,
  reg: number,
  sizeBytes: number,
  value: number,
): HostBridge | undefined => {
  const bridge = findBridge(world, segmentOf(sbdf), busOf(sbdf));
  if (bridge === undefined) {
    applyRule(world, 'arm.no-bridge-for-bus', { sbdf });
    return undefined;
  }
  const { child, designware: state } = bridge;
  const cut = Number(truncateTo(BigInt(value), sizeBytes));
  if (child !== undefined && state !== undefined && isBehindChild(bridge, busOf(sbdf)))
    writeBehindChild({ world, bridge, child, state }, sbdf, reg, sizeBytes, cut);
  else writeWindow(world, bridge.root, ecamOffset(bridge, sbdf, reg), sizeBytes, cut);
  return bridge;
};
