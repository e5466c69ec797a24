// SPDX-License-Identifier: GPL-2.0-only
import { domidOf } from '../guest/grants/world.ts';
import type { ModelWorld } from '../state/model-world.ts';

/** Domains that have ended go off Xen's list once nobody has a page of theirs mapped (xen/common/domain.c, domain_destroy). */
export const dropDeadDomains = ({ domains, grants }: ModelWorld): void => {
  for (const [name, { dying }] of domains) {
    const hasMappedPages = grants !== undefined && domidOf(name) === grants.guest && grants.live.size > 0;
    if (dying === 'dead' && !hasMappedPages) domains.delete(name);
  }
};
