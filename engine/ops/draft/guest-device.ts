// SPDX-License-Identifier: GPL-2.0-only
import type { Sbdf } from '../../num/sbdf.ts';
import type { Domain } from '../../xen/state.ts';
import { applyRule, leaveDefinedBehaviour } from '../../xen/trail.ts';
import type { DraftWorld } from './world.ts';

/**
 * The device that a domain calls `guest`: its pdev list is searched from the front (draft 1, section 4). dom0 uses the
 * host's names. Leaves defined behaviour where there is none.
 */
export const deviceCalled = ({ world, arm }: DraftWorld, domain: Domain, guest: Sbdf): Sbdf | undefined => {
  const found = domain.devices
    .map(({ sbdf }) => sbdf)
    .filter((sbdf) => (domain.isHwdom ? sbdf : arm.guestSbdfs.get(sbdf)) === guest);
  const subject = { sbdf: guest, domain: domain.name };
  if (found.length > 1) applyRule(world, 'draft1.first-of-several', subject);
  if (found.length === 0) leaveDefinedBehaviour(world, 'undefined.draft1-no-guest-sbdf', subject);
  return found[0];
};

/** What its domain calls a device; leaves defined behaviour where nobody has said. */
export const nameInGuest = ({ world, arm }: DraftWorld, domain: Domain, sbdf: Sbdf): Sbdf | undefined => {
  const name = domain.isHwdom ? sbdf : arm.guestSbdfs.get(sbdf);
  if (name === undefined) leaveDefinedBehaviour(world, 'undefined.draft1-no-guest-sbdf', { sbdf, domain: domain.name });
  return name;
};
