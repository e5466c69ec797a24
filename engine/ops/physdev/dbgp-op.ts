// SPDX-License-Identifier: GPL-2.0-only

import { field } from '../../trace/field.ts';
import { denyUnprivileged } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { x86Operation } from './x86-operation.ts';

export const physdevDbgpOp = x86Operation({
  name: 'physdev.dbgp_op',
  summary: 'a reset of the USB debug port is about to begin (prepare) or is done; without `dbgp=` Xen answers 0',
  source: 'PHYSDEVOP_dbgp_op (33.29); xen/drivers/char/ehci-dbgp.c: dbgp_op',
  fields: { ...ACTOR, sbdf: field.optional(field.sbdf), name: field.oneOf('prepare', 'done') },
  run: (world) => ({ ret: denyUnprivileged(world) }),
});
