// SPDX-License-Identifier: GPL-2.0-only
import { setBackend } from '../../guest/grants/readiness.ts';
import { domidOf } from '../../guest/grants/world.ts';
import { field } from '../../trace/field.ts';
import { grantOperation } from './operation.ts';

export const virtioBackend = grantOperation(
  {
    name: 'virtio.backend',
    summary: 'a backend domain signals that it serves requests, or stops; probes that waited for it go on',
    source: 'Proposal: xen-devel, "Handle PCI devices which Host controller is described in DT", October 2022',
    fields: { domid: field.domain, state: field.oneOf('up', 'down') },
  },
  (world, { domid, state }) => ({ probed: setBackend(world, domidOf(domid), state === 'up') }),
);
