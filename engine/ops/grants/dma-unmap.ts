// SPDX-License-Identifier: GPL-2.0-only
import { unmapPages } from '../../guest/grants/dma.ts';
import type { GrantWorld } from '../../guest/grants/world.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { grantField } from './fields.ts';
import { type GrantOutcome, onGrantDevice } from './outcome.ts';

const fields = {
  device: grantField.device,
  dma: field.u64,
  size: grantField.size,
  dir: grantField.direction,
} as const;

export const declaration = {
  name: 'dma.unmap',
  summary: 'The driver unmaps memory; its grants end, or the device breaks if the backend still uses one.',
  source: 'Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_unmap_page',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome =>
  onGrantDevice(world, args.device, (data, fault) => {
    unmapPages(world, data, { dma: args.dma, sizeBytes: args.size, dir: args.dir }, fault);
    return { broken: data.broken };
  });
