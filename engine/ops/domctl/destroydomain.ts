// SPDX-License-Identifier: GPL-2.0-only
import { releaseMappings } from '../../guest/grants/map-grant.ts';
import { domidOf, forgetDomain } from '../../guest/grants/world.ts';
import { ERRNO } from '../../num/errno.ts';
import { releaseDevices } from '../../passthrough/assign.ts';
import { field } from '../../trace/field.ts';
import { denyUnprivileged, domainByNumber } from '../../xen/domains.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const domctlDestroydomain = operation({
  name: 'domctl.destroydomain',
  summary: 'the toolstack ends a domain: its devices and what it has mapped of grants are taken back, then it is gone',
  source: 'XEN_DOMCTL_destroydomain (36.2); xen/common/domain.c: domain_kill',
  fields: { ...ACTOR, domid: field.domain },
  run: (world, { domid }) => {
    const domain = domainByNumber(world, domid);
    if (domain === undefined) return { ret: -ERRNO.ESRCH };
    const denied = denyUnprivileged(world);
    if (denied !== 0) return { ret: denied };
    if (domain === world.current.domain) return { ret: -ERRNO.EINVAL };
    const { grants } = world;
    if (grants !== undefined) releaseMappings(grants, domidOf(domid));
    const ret = releaseDevices(world, domain);
    if (ret !== 0) return { ret };
    world.domains.delete(domid);
    if (grants !== undefined) forgetDomain(grants, domid);
    return { ret };
  },
});
