// SPDX-License-Identifier: GPL-2.0-only
import { isMaskSupported } from '../../guest/grants/dma.ts';
import type { GrantWorld } from '../../guest/grants/world.ts';
import { type ArgsOf, field } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { grantField } from './fields.ts';
import { type GrantOutcome, onGrantDevice } from './outcome.ts';

const fields = { device: grantField.device, bits: field.unsigned('bits', 64) } as const;

export const declaration = {
  name: 'dma.supported',
  summary: 'The driver asks whether addresses of so many bits will do.',
  source: 'Linux drivers/xen/grant-dma-ops.c, xen_grant_dma_supported',
  fields,
} as const satisfies Declaration;

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome =>
  onGrantDevice(world, args.device, () => ({ ret: isMaskSupported(args.bits) ? 1 : 0 }));
