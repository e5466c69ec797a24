// SPDX-License-Identifier: GPL-2.0-only
import { unmapScatterList } from '../../guest/grants/dma.ts';
import type { GrantWorld } from '../../guest/grants/world.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { grantField } from './fields.ts';
import { type GrantOutcome, onGrantDevice } from './outcome.ts';

const fields = { device: grantField.device, sg: field.u32, dir: grantField.direction } as const;

export const declaration = {
  name: 'dma.unmap_sg',
  summary: 'The driver unmaps a list by the number that map_sg answered.',
  source: 'Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_unmap_sg',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome =>
  onGrantDevice(world, args.device, (data, fault) => {
    const entries = world.scatterLists[args.sg];
    if (entries === undefined) return { noList: true };
    if (args.dir !== 'none') unmapScatterList(world, data, entries, args.dir, fault);
    return { broken: data.broken };
  });
