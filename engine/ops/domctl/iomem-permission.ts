// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged, domctlDomain, refuseArgument } from '../../xen/domains.ts';
import { applyRule } from '../../xen/trail.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const domctlIomemPermission = operation({
  name: 'domctl.iomem_permission',
  summary: 'the toolstack gives (allow 1) or takes (0) rights to machine frames',
  source: 'XEN_DOMCTL_iomem_permission (36.20); xen/common/domctl.c: do_domctl',
  fields: { ...ACTOR, domid: field.domain, mfn: field.frame, nr: field.frame, allow: field.unsigned('0 or 1', 1) },
  run: (world, { domid, mfn, nr, allow }) => {
    const domain = domctlDomain(world, domid);
    if (typeof domain === 'number') return { ret: domain };
    // Only an end below the start is refused as such; no frames from frame 0 on end at 2^64 - 1, which is no frame at all.
    const last = mfn + nr === 0 ? 2 ** 64 : mfn + nr - 1;
    if (last < mfn) return { ret: refuseArgument(world) };
    const denied = denyUnprivileged(world);
    if (denied !== 0) return { ret: denied };
    if (!world.current.domain.iomem.contains(mfn, last)) {
      applyRule(world, 'iomem.caller-without-right', { domain: world.current.domain.name });
      return { ret: -ERRNO.EPERM };
    }
    if (allow === 1) domain.iomem.add(mfn, last);
    else domain.iomem.remove(mfn, last);
    return { ret: 0 };
  },
});
