// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import { checkAssignable } from '../../passthrough/assign.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged, domctlTarget, refuseArgument } from '../../xen/domains.ts';
import { refuse } from '../../xen/trail.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const domctlTestAssignDevice = operation({
  name: 'domctl.test_assign_device',
  summary: 'asks whether a device could be assigned',
  source: 'XEN_DOMCTL_test_assign_device (36.45); xen/drivers/passthrough/pci.c: iommu_do_pci_domctl',
  fields: { ...ACTOR, domid: field.optional(field.domain), sbdf: field.sbdf, flags: field.optional(field.u32) },
  run: (world, { domid, sbdf, flags = 0 }) => {
    const target = domid === undefined ? denyUnprivileged(world) : domctlTarget(world, domid);
    if (typeof target === 'number' && target !== 0) return { ret: target };
    if (!world.options.iommu) return { ret: refuse(world, 'iommu.off', -ERRNO.EOPNOTSUPP) };
    if (target === world.current.domain || flags !== 0) return { ret: refuseArgument(world) };
    return { ret: checkAssignable(world, sbdf) === 0 ? 0 : -ERRNO.EINVAL };
  },
});
