// SPDX-License-Identifier: GPL-2.0-only
import { resumeVcpu } from '../../vpci/map-bars.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const vcpuResume = operation({
  name: 'vcpu.resume',
  summary: 'one round of the deferred work of a vCPU',
  source: 'xen/drivers/vpci/header.c: vpci_process_pending',
  fields: ACTOR,
  run: (world) => resumeVcpu(world, world.current.domain, world.current.vcpu),
});
