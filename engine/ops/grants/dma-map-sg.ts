// SPDX-License-Identifier: GPL-2.0-only
import { mapScatterList } from '../../guest/grants/dma.ts';
import { noteRequest } from '../../guest/grants/readiness.ts';
import { ERRNO } from '../../num/errno.ts';
import { grantField } from './fields.ts';
import { deviceOperation } from './operation.ts';
import { formatDma } from './outcome.ts';

export const dmaMapSg = deviceOperation(
  {
    name: 'dma.map_sg',
    summary: 'the driver maps a scatter-gather list; answers its length, or takes back what was mapped',
    source: 'Linux drivers/xen/grant-dma-ops.c: xen_grant_dma_map_sg',
    fields: {
      device: grantField.device,
      segments: grantField.segments,
      dir: grantField.direction,
      attrs: grantField.attributes,
    },
  },
  (world, data, { device, segments, dir, attrs }, fault) => {
    noteRequest(world, 'dma.map_sg', device, data.backend);
    const entries = segments.map((segment) => ({ ...segment, dmaAddress: 0n, dmaSizeBytes: 0 }));
    const sg = world.scatterLists.push(entries) - 1;
    let ret = -ERRNO.EINVAL;
    if (dir !== 'none') {
      const isMapped = mapScatterList(world, data, entries, { dir, isMmio: attrs === 'mmio' }, fault);
      ret = isMapped ? entries.length : -ERRNO.EIO;
    }
    const mapped = entries.map((entry) => [formatDma(entry.dmaAddress), entry.dmaSizeBytes] as const);
    return { ret, sg, segments: mapped, broken: data.broken };
  },
);
