// SPDX-License-Identifier: GPL-2.0-only
import { and } from '../num/bits.ts';
import type { HostBridgeNode } from './description.ts';
import { hasPciType } from './device-tree.ts';
import { allocateSegment } from './segments.ts';
import type { ArmWorld } from './world.ts';

/** The device tree library's "not found", which is not an errno (xen/include/xen/libfdt/libfdt.h). */
const FDT_ERR_NOTFOUND = 1;

const writeNode = (world: ArmWorld, node: HostBridgeNode): number => {
  if (!world.options.pciPassthrough || !hasPciType(node) || node.pciDomain !== undefined) return 0;
  const bridge = world.bridges.find((each) => each.node === node);
  const segment = bridge?.segment ?? allocateSegment(world);
  if (segment === undefined) return -FDT_ERR_NOTFOUND;
  world.events.push({ fdt: 'linux,pci-domain', value: and(segment, 0xffff) });
  return 0;
};

/**
 * `linux,pci-domain` in dom0's device tree for each host bridge that has none, driven by Xen or not
 * (xen/arch/arm/domain_build.c, handle_linux_pci_domain).
 */
export const writePciDomains = (world: ArmWorld): void => {
  for (const node of world.nodes) {
    world.events.push({ node: node.path });
    const rc = writeNode(world, node);
    world.events.push({ rc });
  }
};
