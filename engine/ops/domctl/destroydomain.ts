// SPDX-License-Identifier: GPL-2.0-only
import { releaseMappings } from '../../guest/grants/map-grant.ts';
import { domidOf, forgetDomain } from '../../guest/grants/world.ts';
import { gfn, MAX_FRAME } from '../../num/frames.ts';
import { releaseDevices } from '../../passthrough/assign.ts';
import { field } from '../../trace/field.ts';
import { domctlTarget, refuseArgument } from '../../xen/domains.ts';
import { dropDeadDomains } from '../dead-domains.ts';
import { ACTOR } from '../fields.ts';
import { operation } from '../operation.ts';

export const domctlDestroydomain = operation({
  name: 'domctl.destroydomain',
  summary: 'the toolstack ends a domain: its devices and what it has mapped of grants are taken back, then it is gone',
  source: 'XEN_DOMCTL_destroydomain (36.2); xen/common/domain.c: domain_kill',
  fields: { ...ACTOR, domid: field.domain },
  run: (world, { domid }) => {
    const domain = domctlTarget(world, domid);
    if (typeof domain === 'number') return { ret: domain };
    if (domain === world.current.domain) return { ret: refuseArgument(world) };
    if (domain.dying === 'dead') return { ret: 0 };
    domain.dying = 'begun';
    const { grants } = world;
    if (grants !== undefined) releaseMappings(grants, domidOf(domid));
    const ret = releaseDevices(world, domain);
    if (ret !== 0) return { ret };
    if (grants !== undefined) forgetDomain(grants, domid);
    domain.p2m.clear(gfn(0), MAX_FRAME + 1);
    domain.dying = 'dead';
    dropDeadDomains(world);
    return { ret };
  },
});
