// SPDX-License-Identifier: GPL-2.0-only
import { mapPages } from '../../guest/grants/dma.ts';
import { noteRequest } from '../../guest/grants/readiness.ts';
import { field } from '../../trace/field.ts';
import { grantField } from './fields.ts';
import { deviceOperation } from './operation.ts';
import { formatDma } from './outcome.ts';

export const dmaMap = deviceOperation(
  {
    name: 'dma.map',
    summary: 'the driver maps memory for the device; its pages are granted to the backend',
    source: 'Linux drivers/xen/grant-dma-ops.c: xen_grant_dma_map_page',
    fields: {
      device: grantField.device,
      pfn: field.frame,
      offset: grantField.size,
      size: grantField.size,
      dir: grantField.direction,
      attrs: grantField.attributes,
    },
  },
  (world, data, { device, pfn, offset, size, dir, attrs }, fault) => {
    noteRequest(world, 'dma.map', device, data.backend);
    const dma = mapPages(world, data, { pfn, offset, sizeBytes: size, dir, isMmio: attrs === 'mmio' }, fault);
    return { dma: formatDma(dma), broken: data.broken };
  },
);
