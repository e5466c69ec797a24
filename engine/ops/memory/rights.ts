// SPDX-License-Identifier: GPL-2.0-only
import { domidOf, placeOfTable, xenTableOf } from '../../guest/grants/world.ts';
import { ERRNO } from '../../num/errno.ts';
import type { ModelWorld } from '../../state/model-world.ts';
import { checkPhysmapRights, type PhysmapSpace } from '../../xen/physmap.ts';
import type { Domain } from '../../xen/state.ts';
import { applyRule } from '../../xen/trail.ts';

/** Proposal: guests map MMIO that the toolstack permitted, where they want it. */
export const guestsMapMmio = ({ arm }: ModelWorld): boolean => arm?.behaviours.guestBars === 'guest-places';

/** PV guests have no p2m that Xen keeps for them; grants' guest is the only one that can be PV. */
const hasNoP2m = ({ grants }: ModelWorld, { name }: Domain): boolean =>
  grants !== undefined && xenTableOf(grants, domidOf(name)) === grants.xen && placeOfTable(grants) === 'no-p2m';

/** Whether the running domain may change a domain's p2m; 0, or a negated errno (xatp_permission_check). */
export const physmapRights = (world: ModelWorld, domain: Domain, space: PhysmapSpace | undefined): number => {
  if (hasNoP2m(world, domain)) {
    applyRule(world, 'physmap.not-translated', { domain: domain.name });
    return -ERRNO.EACCES;
  }
  return checkPhysmapRights(world, domain, space, guestsMapMmio(world));
};
