// SPDX-License-Identifier: GPL-2.0-only
import { freeCoherent } from '../../guest/grants/dma.ts';
import { field } from '../../trace/field.ts';
import { grantField } from './fields.ts';
import { deviceOperation } from './operation.ts';

export const dmaFree = deviceOperation(
  {
    name: 'dma.free',
    summary: 'the driver frees a coherent buffer; its grants end',
    source: 'Linux drivers/xen/grant-dma-ops.c: xen_grant_dma_free',
    fields: { device: grantField.device, dma: field.u64, size: grantField.size },
  },
  (world, data, { dma, size }, fault) => {
    freeCoherent(world, data, { dma, sizeBytes: size }, fault);
    return { broken: data.broken };
  },
);
