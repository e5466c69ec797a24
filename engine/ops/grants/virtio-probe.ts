// SPDX-License-Identifier: GPL-2.0-only
import { type ProbeResult, probeDevice } from '../../guest/grants/probe.ts';
import { hex } from '../../num/u64.ts';
import { grantField } from './fields.ts';
import { grantOperation, guestMustRun } from './operation.ts';
import type { GrantOutcome } from './outcome.ts';

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

export const virtioProbe = grantOperation(
  {
    name: 'virtio.probe',
    summary: 'the guest probes a virtio device and chooses grants or platform DMA for it',
    source: 'Linux drivers/xen/grant-dma-ops.c: xen_virtio_restricted_mem_acc',
    fields: { device: grantField.device },
  },
  (world, { device: name }) => {
    guestMustRun(world);
    const device = world.tree.devices.get(name);
    if (device === undefined) return { noDevice: true };
    const result = probeDevice(world, name, device);
    const { register } = result;
    if (register === undefined) return answerOf(result);
    return { ...answerOf(result), register: { wrote: hex(register.wrote), read: hex(register.read) } };
  },
);
