// SPDX-License-Identifier: GPL-2.0-only
import { type ProbeResult, probeDevice } from '../../guest/grants/probe.ts';
import type { GrantWorld } from '../../guest/grants/world.ts';
import { hex } from '../../num/u64.ts';
import type { ArgsOf } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { grantField } from './fields.ts';
import type { GrantOutcome } from './outcome.ts';

const fields = { device: grantField.device } as const;

export const declaration = {
  name: 'virtio.probe',
  summary: 'The guest probes a virtio device and chooses grants or platform DMA for it.',
  source: 'Linux drivers/xen/grant-dma-ops.c, xen_virtio_restricted_mem_acc',
  fields,
} as const satisfies Declaration;

const answerOf = (result: ProbeResult): GrantOutcome => {
  switch (result.kind) {
    case 'grant':
      return { ret: 0, dmaOps: 'grant', backend: result.backend };
    case 'platform':
      return { ret: result.errno, dmaOps: 'platform', backend: null };
    case 'deferred':
      return { deferred: true, dmaOps: 'platform', backend: null };
  }
};

export const run = (world: GrantWorld, args: ArgsOf<typeof fields>): GrantOutcome => {
  const device = world.tree.devices.get(args.device);
  if (device === undefined) return { noDevice: true };
  const result = probeDevice(world, args.device, device);
  const { register } = result;
  if (register === undefined) return answerOf(result);
  return { ...answerOf(result), register: { wrote: hex(register.wrote), read: hex(register.read) } };
};
