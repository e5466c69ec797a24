// SPDX-License-Identifier: GPL-2.0-only
import { findBridge } from '../../arm/bridges.ts';
import type { HostBridge } from '../../arm/host-bridge.ts';
import { isPciEnabled } from '../../arm/world.ts';
import { ERRNO } from '../../num/errno.ts';
import { busOf, formatSbdf, type Sbdf, segmentOf } from '../../num/sbdf.ts';
import { hex } from '../../num/u64.ts';
import type { ModelWorld } from '../../state/model-world.ts';
import { TraceFault } from '../../xen/domains.ts';
import { applyRule, leaveDefinedBehaviour } from '../../xen/trail.ts';

const BYTES_PER_BUS = 0x100000;

/** Faults the trace when dom0 numbers a bridge otherwise than the machine file numbers the devices below it. */
const mustBeNumberedAlike = (world: ModelWorld, { root }: HostBridge, sbdf: Sbdf): void => {
  const start = Number(root.address);
  const window = world.hw.machine.ecam.find(({ base, firstBus }) => base + firstBus * BYTES_PER_BUS === start);
  if (window !== undefined && window.segment !== segmentOf(sbdf))
    throw new TraceFault(
      `${formatSbdf(sbdf)}: the machine file has the devices at ${hex(start)} in segment ${window.segment}; bind it as that`,
    );
};

/**
 * What stands before all that is told of devices on Arm, whoever tells it: 0 or -EOPNOTSUPP (xen/drivers/pci/physdev.c,
 * pci_physdev_op).
 */
export const checkPciEnabled = ({ arm, trail }: ModelWorld, sbdf: Sbdf): number => {
  if (arm === undefined || isPciEnabled(arm)) return 0;
  applyRule({ trail }, 'arm.pci-not-enabled', { sbdf });
  return -ERRNO.EOPNOTSUPP;
};

/** Draft 1 wants the segment of a device to be bound before the device is reported. */
export const expectBoundSegment = (world: ModelWorld, sbdf: Sbdf): void => {
  const { arm } = world;
  if (arm === undefined || arm.behaviours.bridgeSegment === 'at-probe') return;
  const bridge = findBridge(arm, segmentOf(sbdf), busOf(sbdf));
  if (bridge === undefined) leaveDefinedBehaviour(world, 'undefined.draft1-device-before-bridge', { sbdf });
  else mustBeNumberedAlike(world, bridge, sbdf);
};
