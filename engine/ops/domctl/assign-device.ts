// SPDX-License-Identifier: GPL-2.0-only
import { without } from '../../num/bits.ts';
import { ERRNO } from '../../num/errno.ts';
import { assignDevice, checkAssignable } from '../../passthrough/assign.ts';
import { field } from '../../trace/field.ts';
import { domctlTarget, refuseArgument } from '../../xen/domains.ts';
import { refuse } from '../../xen/trail.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

/** XEN_DOMCTL_DEV_RDM_RELAXED */
const RELAXED = 1;

export const domctlAssignDevice = operation({
  name: 'domctl.assign_device',
  summary: 'gives a device to a domain; `io` quarantines it',
  source: 'XEN_DOMCTL_assign_device (36.37); xen/drivers/passthrough/pci.c: iommu_do_pci_domctl',
  fields: { ...ACTOR, domid: field.domain, sbdf: field.sbdf, flags: field.optional(field.u32) },
  run: (world, { domid, sbdf, flags = 0 }) => {
    const target = domctlTarget(world, domid, world.domIo);
    if (typeof target === 'number') return { ret: target };
    if (!world.options.iommu) return { ret: refuse(world, 'iommu.off', -ERRNO.EOPNOTSUPP) };
    if (target === world.current.domain || target.dying !== 'no' || without(flags, RELAXED) !== 0)
      return { ret: refuseArgument(world) };
    const ret = checkAssignable(world, sbdf);
    return { ret: ret === 0 ? assignDevice(world, target, sbdf) : ret };
  },
});
