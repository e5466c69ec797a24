// SPDX-License-Identifier: GPL-2.0-only
import { field } from '../../trace/field.ts';
import { readConfigPort } from '../../vpci/ports.ts';
import { ACTOR, recordedValue, smallSize } from '../fields.ts';
import { operation } from '../operation.ts';

export const ioRead = operation({
  name: 'io.read',
  summary: 'port read; 0xcf8 and 0xcfc to 0xcff reach config space',
  source: 'xen/arch/x86/hvm/io.c: vpci_portio_read',
  fields: { ...ACTOR, port: field.u16, size: smallSize, value: recordedValue },
  run: (world, { port, size }) => readConfigPort(world, port, size),
});
