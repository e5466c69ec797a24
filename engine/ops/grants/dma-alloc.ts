// SPDX-License-Identifier: GPL-2.0-only
import { allocateCoherent } from '../../guest/grants/dma.ts';
import { noteRequest } from '../../guest/grants/readiness.ts';
import { hex } from '../../num/u64.ts';
import { grantField } from './fields.ts';
import { deviceOperation } from './operation.ts';
import { formatDma } from './outcome.ts';

export const dmaAlloc = deviceOperation(
  {
    name: 'dma.alloc',
    summary: 'the driver allocates a coherent buffer and grants its pages',
    source: 'Linux drivers/xen/grant-dma-ops.c: xen_grant_dma_alloc',
    fields: { device: grantField.device, size: grantField.size },
  },
  (world, data, { device, size }, fault) => {
    noteRequest(world, 'dma.alloc', device, data.backend);
    const buffer = allocateCoherent(world, data, size, fault);
    if (buffer === undefined) return { dma: null, broken: data.broken };
    return { dma: formatDma(buffer.dma), pfn: hex(buffer.pfn), broken: data.broken };
  },
);
