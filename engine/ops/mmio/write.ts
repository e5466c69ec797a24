// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { writeMmio } from '../../vpci/mmio.ts';
import { ACTOR, memorySize, recordedRoute } from '../fields.ts';
import { operation } from '../operation.ts';

export const mmioWrite = operation({
  name: 'mmio.write',
  summary: 'write of guest-physical memory: ECAM window, MSI-X table page, or what the p2m maps',
  source: 'xen/arch/x86/hvm/emulate.c: hvmemul_do_io, xen/drivers/vpci/msix.c: msix_write',
  fields: { ...ACTOR, gpa: field.u64, size: memorySize, value: field.u64, via: recordedRoute },
  run: (world, { gpa, size, value }) => ({ via: writeMmio(world, gpa, size, value) }),
});
