// SPDX-License-Identifier: GPL-2.0-only

import { hex } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { readMmio } from '../../vpci/mmio.ts';
import { ACTOR, memorySize, recordedRoute, recordedValue } from '../fields.ts';
import { operation } from '../operation.ts';

export const mmioRead = operation({
  name: 'mmio.read',
  summary: 'read of guest-physical memory: ECAM window, MSI-X table page, or what the p2m maps',
  source: 'xen/arch/x86/hvm/emulate.c: hvmemul_do_io, xen/drivers/vpci/msix.c: msix_read',
  fields: { ...ACTOR, gpa: field.u64, size: memorySize, value: recordedValue, via: recordedRoute },
  run: (world, { gpa, size }) => {
    const { value, via } = readMmio(world, gpa, size);
    return { value: hex(value), via };
  },
});
