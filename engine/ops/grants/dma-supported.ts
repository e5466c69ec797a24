// SPDX-License-Identifier: GPL-2.0-only
import { isMaskSupported } from '../../guest/grants/dma.ts';
import { field } from '../../trace/field.ts';
import { grantField } from './fields.ts';
import { deviceOperation } from './operation.ts';

export const dmaSupported = deviceOperation(
  {
    name: 'dma.supported',
    summary: 'the driver asks whether addresses of so many bits will do',
    source: 'Linux drivers/xen/grant-dma-ops.c: xen_grant_dma_supported',
    fields: { device: grantField.device, bits: field.unsigned('bits', 64) },
  },
  (_world, _data, { bits }) => ({ ret: isMaskSupported(bits) ? 1 : 0 }),
);
