// SPDX-License-Identifier: GPL-2.0-only

import { lowHalf } from '../../num/u64.ts';
import { field } from '../../trace/field.ts';
import { writeConfigPort } from '../../vpci/ports.ts';
import { ACTOR, smallSize } from '../fields.ts';
import { operation } from '../operation.ts';

export const ioWrite = operation({
  name: 'io.write',
  summary: 'port write; 0xcf8 latches an address, 0xcfc to 0xcff reach config space',
  source: 'xen/arch/x86/hvm/io.c: vpci_portio_write',
  fields: { ...ACTOR, port: field.u16, size: smallSize, value: field.u64 },
  run: (world, { port, size, value }) => writeConfigPort(world, port, size, lowHalf(value)),
});
