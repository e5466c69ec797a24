// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../../num/errno.ts';
import { releaseDevices } from '../../passthrough/assign.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged, targetDomain } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const domctlDestroydomain = operation({
  name: 'domctl.destroydomain',
  summary: 'the toolstack ends a domain: its devices are taken back, then it is gone',
  source: 'XEN_DOMCTL_destroydomain (36.2); xen/arch/x86/domain.c: domain_relinquish_resources',
  fields: { ...ACTOR, domid: field.domain },
  run: (world, { domid }) => {
    const denied = denyUnprivileged(world);
    if (denied !== 0) return { ret: denied };
    const domain = targetDomain(world, domid);
    if (domain === undefined || domain === world.domIo) return { ret: -ERRNO.ESRCH };
    if (domain === world.current.domain) return { ret: -ERRNO.EINVAL };
    const ret = releaseDevices(world, domain);
    if (ret === 0) world.domains.delete(domid);
    return { ret };
  },
});
