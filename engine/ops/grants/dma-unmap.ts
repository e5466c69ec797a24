// SPDX-License-Identifier: GPL-2.0-only
import { unmapPages } from '../../guest/grants/dma.ts';
import { field } from '../../trace/field.ts';
import { grantField } from './fields.ts';
import { deviceOperation } from './operation.ts';

export const dmaUnmap = deviceOperation(
  {
    name: 'dma.unmap',
    summary: 'the driver unmaps memory; its grants end, or the device breaks if the backend still uses one',
    source: 'Linux drivers/xen/grant-dma-ops.c: xen_grant_dma_unmap_page',
    fields: { device: grantField.device, dma: field.u64, size: grantField.size, dir: grantField.direction },
  },
  (world, data, { dma, size, dir }, fault) => {
    unmapPages(world, data, { dma, sizeBytes: size, dir }, fault);
    return { broken: data.broken };
  },
);
