// SPDX-License-Identifier: GPL-2.0-only
import { applyRule, leaveDefinedBehaviour } from '../xen/trail.ts';
import type { Region } from './description.ts';
import type { ArmWorld } from './world.ts';

/**
 * Proposal: dom0 tells which segment the host bridge with that config window is (pci_hostbridge_setup of draft 1). A bridge
 * that has a segment gets the new one.
 */
export const bindSegment = (
  world: ArmWorld,
  fault: Parameters<typeof leaveDefinedBehaviour>[0],
  { segment, address, size }: Region & { readonly segment: number },
): number => {
  const bridge = world.bridges.find(({ root }) => root.address === address && root.size === size);
  if (bridge === undefined) {
    leaveDefinedBehaviour(fault, 'undefined.draft1-bridge-unknown', { name: `segment ${segment}` });
    return 0;
  }
  if (world.bridges.some((other) => other !== bridge && other.segment === segment))
    leaveDefinedBehaviour(fault, 'undefined.draft1-segment-twice', { name: `segment ${segment}` });
  bridge.segment = segment;
  applyRule(world, 'draft1.bridge-bound', { name: bridge.node.path });
  return 0;
};
