// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../num/sbdf.ts';
import { busOf, segmentOf } from '../num/sbdf.ts';
import { frameOf } from '../num/u64.ts';
import { applyRule } from '../xen/trail.ts';
import { findBridge } from './bridges.ts';
import type { HostBridgeNode, ItsNode } from './description.ts';
import type { ArmWorld } from './world.ts';

/** GITS_TRANSLATER is in the second 64 KiB of an ITS (GICv3 architecture, 8.18). */
const TRANSLATER_PAGE = 0x10000n;

/** Frame of the page that devices write MSIs to, of an ITS whose registers begin at `address`. */
export const translaterFrame = (address: bigint): number => frameOf(address + TRANSLATER_PAGE);

export interface ItsLookUp {
  readonly node: HostBridgeNode | undefined;
  readonly its: ItsNode | undefined;
}

/** Proposal: the ITS of a device by its segment (pci_hostbridge_dt_node and the node's interrupt parent; draft 1). */
export const findIts = (world: ArmWorld, sbdf: Sbdf): ItsLookUp => {
  const node = findBridge(world, segmentOf(sbdf), busOf(sbdf))?.node;
  applyRule(world, node === undefined ? 'draft1.no-such-place' : 'draft1.its-by-segment', { sbdf });
  return { node, its: world.its.find(({ path }) => path === node?.its) };
};
