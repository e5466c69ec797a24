// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import { deassignDevice } from '../../passthrough/assign.ts';
import { field } from '../../trace/field.ts';
import { domctlTarget, refuseArgument } from '../../xen/domains.ts';
import { refuse } from '../../xen/trail.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const domctlDeassignDevice = operation({
  name: 'domctl.deassign_device',
  summary: 'takes a device from a domain',
  source: 'XEN_DOMCTL_deassign_device (36.47); xen/drivers/passthrough/pci.c: deassign_device',
  fields: { ...ACTOR, domid: field.domain, sbdf: field.sbdf, flags: field.optional(field.u32) },
  run: (world, { domid, sbdf, flags = 0 }) => {
    const from = domctlTarget(world, domid, world.domIo);
    if (typeof from === 'number') return { ret: from };
    if (!world.options.iommu) return { ret: refuse(world, 'iommu.off', -ERRNO.EOPNOTSUPP) };
    if (from === world.current.domain || flags !== 0) return { ret: refuseArgument(world) };
    return { ret: deassignDevice(world, from, sbdf) };
  },
});
