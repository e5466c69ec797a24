// SPDX-License-Identifier: GPL-2.0-only
import { freeCoherent } from '../../guest/grants/dma.ts';
import type { GrantWorld } from '../../guest/grants/world.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { grantField } from './fields.ts';
import { type GrantOutcome, onGrantDevice } from './outcome.ts';

const fields = { device: grantField.device, dma: field.u64, size: grantField.size } as const;

export const declaration = {
  name: 'dma.free',
  summary: 'The driver frees a coherent buffer; its grants end.',
  source: 'Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_free',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome =>
  onGrantDevice(world, args.device, (data, fault) => {
    freeCoherent(world, data, { dma: args.dma, sizeBytes: args.size }, fault);
    return { broken: data.broken };
  });
