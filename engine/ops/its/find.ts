// SPDX-License-Identifier: GPL-2.0-only
import { findIts } from '../../arm/its.ts';
import { field } from '../../trace/field.ts';
import { draftWorld } from '../draft/world.ts';
import { operation } from '../operation.ts';

/** Answers `node`, the host bridge, and `its`, paths or null. */
export const itsFind = operation({
  name: 'its.find',
  summary: 'proposal: Xen looks up the ITS that a device is connected to',
  source: 'PCI passthrough on Arm, draft 1, section 5',
  fields: { sbdf: field.sbdf },
  run: (world, { sbdf }) => {
    const { node, its } = findIts(draftWorld(world).arm, sbdf);
    return { node: node?.path ?? null, its: its?.path ?? null };
  },
});
