// SPDX-License-Identifier: GPL-2.0-only
import { mapScatterList } from '../../guest/grants/dma.ts';
import { noteRequest } from '../../guest/grants/readiness.ts';
import type { GrantWorld } from '../../guest/grants/world.ts';
import { ERRNO } from '../../num/errno.ts';
import type { ArgsOf } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { grantField } from './fields.ts';
import { formatDma, type GrantOutcome, onGrantDevice } from './outcome.ts';

const fields = {
  device: grantField.device,
  segments: grantField.segments,
  dir: grantField.direction,
  attrs: grantField.attributes,
} as const;

export const declaration = {
  name: 'dma.map_sg',
  summary: 'The driver maps a scatter-gather list; answers its length, or takes back what was mapped.',
  source: 'Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_map_sg',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome =>
  onGrantDevice(world, args.device, (data, fault) => {
    noteRequest(world, declaration.name, args.device, data.backend);
    const entries = args.segments.map((segment) => ({ ...segment, dmaAddress: 0n, dmaSizeBytes: 0 }));
    const sg = world.scatterLists.push(entries) - 1;
    let ret = -ERRNO.EINVAL;
    if (args.dir !== 'none') {
      const isMapped = mapScatterList(world, data, entries, { dir: args.dir, isMmio: args.attrs === 'mmio' }, fault);
      ret = isMapped ? entries.length : -ERRNO.EIO;
    }
    const segments = entries.map((entry) => [formatDma(entry.dmaAddress), entry.dmaSizeBytes] as const);
    return { ret, sg, segments, broken: data.broken };
  });
