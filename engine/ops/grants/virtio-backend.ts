// SPDX-License-Identifier: GPL-2.0-only
import { setBackend } from '../../guest/grants/readiness.ts';
import { domidOf, type GrantWorld } from '../../guest/grants/world.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import type { GrantOutcome } from './outcome.ts';

const fields = { domid: field.domain, state: field.oneOf('up', 'down') } as const;

export const declaration = {
  name: 'virtio.backend',
  summary: 'A backend domain signals that it serves requests, or stops; probes that waited for it go on.',
  source: 'Proposal: xen-devel, "Handle PCI devices which Host controller is described in DT", October 2022',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome => ({
  probed: setBackend(world, domidOf(args.domid), args.state === 'up'),
});
