// SPDX-License-Identifier: GPL-2.0-only
import { mapPages } from '../../guest/grants/dma.ts';
import { noteRequest } from '../../guest/grants/readiness.ts';
import type { GrantWorld } from '../../guest/grants/world.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { grantField } from './fields.ts';
import { formatDma, type GrantOutcome, onGrantDevice } from './outcome.ts';

const fields = {
  device: grantField.device,
  pfn: field.frame,
  offset: grantField.size,
  size: grantField.size,
  dir: grantField.direction,
  attrs: grantField.attributes,
} as const;

export const declaration = {
  name: 'dma.map',
  summary: 'The driver maps memory for the device; its pages are granted to the backend.',
  source: 'Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_map_page',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome =>
  onGrantDevice(world, args.device, (data, fault) => {
    noteRequest(world, declaration.name, args.device, data.backend);
    const { pfn, offset, size: sizeBytes, dir } = args;
    const dma = mapPages(world, data, { pfn, offset, sizeBytes, dir, isMmio: args.attrs === 'mmio' }, fault);
    return { dma: formatDma(dma), broken: data.broken };
  });
