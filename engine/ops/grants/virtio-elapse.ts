// SPDX-License-Identifier: GPL-2.0-only
import { elapse } from '../../guest/grants/readiness.ts';
import { field } from '../../trace/field.ts';
import { grantOperation } from './operation.ts';

export const virtioElapse = grantOperation(
  {
    name: 'virtio.elapse',
    summary: 'so many milliseconds go by for probes that wait as for a link; those over the limit give up',
    source: 'Proposal: xen-devel, "Handle PCI devices which Host controller is described in DT", October 2022',
    fields: { ms: field.u32 },
  },
  (world, { ms }) => ({ probed: elapse(world, ms) }),
);
