// SPDX-License-Identifier: GPL-2.0-only
import { allocateCoherent } from '../../guest/grants/dma.ts';
import { noteRequest } from '../../guest/grants/readiness.ts';
import type { GrantWorld } from '../../guest/grants/world.ts';
import { hex } from '../../num/u64.ts';
import type { ArgsOf } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { grantField } from './fields.ts';
import { formatDma, type GrantOutcome, onGrantDevice } from './outcome.ts';

const fields = { device: grantField.device, size: grantField.size } as const;

export const declaration = {
  name: 'dma.alloc',
  summary: 'The driver allocates a coherent buffer and grants its pages.',
  source: 'Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_alloc',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome =>
  onGrantDevice(world, args.device, (data, fault) => {
    noteRequest(world, declaration.name, args.device, data.backend);
    const buffer = allocateCoherent(world, data, args.size, fault);
    if (buffer === undefined) return { dma: null, broken: data.broken };
    return { dma: formatDma(buffer.dma), pfn: hex(buffer.pfn), broken: data.broken };
  });
