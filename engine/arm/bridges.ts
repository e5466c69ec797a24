// SPDX-License-Identifier: GPL-2.0-only
import type { ConfigWindow, HostBridge } from './host-bridge.ts';
import type { ArmWorld } from './world.ts';

const holdsBus = ({ firstBus, lastBus }: ConfigWindow, bus: number): boolean => bus >= firstBus && bus <= lastBus;

/** Whether the bus is reached through the child window (xen/arch/arm/pci/pci-access.c, get_ops). */
export const isBehindChild = ({ child }: HostBridge, bus: number): boolean =>
  child !== undefined && holdsBus(child, bus);

/**
 * The first bridge in probing order with that segment and bus (pci-host-common.c, pci_find_host_bridge). Where dom0 binds
 * segments nobody looks at the bus.
 */
export const findBridge = (world: ArmWorld, segment: number, bus: number): HostBridge | undefined => {
  const { bridges, behaviours } = world;
  const holds = (bridge: HostBridge): boolean =>
    behaviours.bridgeSegment === 'bound-by-dom0' || isBehindChild(bridge, bus) || holdsBus(bridge.root, bus);
  return bridges.find((bridge) => bridge.segment === segment && holds(bridge));
};
