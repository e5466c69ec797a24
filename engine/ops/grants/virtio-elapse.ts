// SPDX-License-Identifier: GPL-2.0-only
import { elapse } from '../../guest/grants/readiness.ts';
import type { GrantWorld } from '../../guest/grants/world.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import type { GrantOutcome } from './outcome.ts';

const fields = { ms: field.u32 } as const;

export const declaration = {
  name: 'virtio.elapse',
  summary: 'So many milliseconds go by for probes that wait as for a link; those over the limit give up.',
  source: 'Proposal: xen-devel, "Handle PCI devices which Host controller is described in DT", October 2022',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome => ({
  probed: elapse(world, args.ms),
});
