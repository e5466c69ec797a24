// SPDX-License-Identifier: GPL-2.0-only
import { unmapScatterList } from '../../guest/grants/dma.ts';
import { field } from '../../trace/field.ts';
import { grantField } from './fields.ts';
import { deviceOperation } from './operation.ts';

export const dmaUnmapSg = deviceOperation(
  {
    name: 'dma.unmap_sg',
    summary: 'the driver unmaps a list by the number that map_sg answered',
    source: 'Linux drivers/xen/grant-dma-ops.c: xen_grant_dma_unmap_sg',
    fields: { device: grantField.device, sg: field.u32, dir: grantField.direction },
  },
  (world, data, { sg, dir }, fault) => {
    const entries = world.scatterLists[sg];
    if (entries === undefined) return { noList: true };
    if (dir !== 'none') unmapScatterList(world, data, entries, dir, fault);
    return { broken: data.broken };
  },
);
