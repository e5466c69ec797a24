// SPDX-License-Identifier: GPL-2.0-only
import { and } from '../num/bits.ts';
import type { HostBridgeNode } from './description.ts';
import type { ArmWorld } from './world.ts';

/**
 * A number that no bridge has; undefined once numbers come from the device tree, or none was needed yet
 * (xen/arch/arm/pci/pci-host-common.c, pci_get_new_domain_nr).
 */
export const allocateSegment = ({ segments }: ArmWorld): number | undefined => {
  if (segments.source !== 'allocated') return undefined;
  segments.last += 1;
  return segments.last;
};

/** The segment of a bridge that is probed; undefined when it would mix both sources (pci_bus_find_domain_nr). */
export const segmentFor = (world: ArmWorld, { pciDomain }: HostBridgeNode): number | undefined => {
  const { segments } = world;
  if (pciDomain !== undefined) {
    if (segments.source === 'allocated') return undefined;
    segments.source = 'device-tree';
    return and(pciDomain, 0xffff);
  }
  if (segments.source === 'device-tree') return undefined;
  segments.source = 'allocated';
  return allocateSegment(world);
};
