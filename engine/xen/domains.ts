// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import { formatSbdf, type Sbdf, segmentOf } from '../num/sbdf.ts';
import type { Domain, World } from './state.ts';

/** A row that cannot be replayed on this machine: the fault is in the trace, not in the model. */
export class TraceFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The domain that does something. Faults the trace for one that does not exist. */
export const domainNamed = (world: World, name: string): Domain => {
  const domain = targetDomain(world, name) ?? (name === 'xen' ? world.domXen : undefined);
  if (domain === undefined)
    throw new TraceFault(`domain ${name} does not exist; there are ${[...world.domains.keys()].join(', ')}`);
  return domain;
};

/** The domain that a hypercall names, DomIO included; undefined: -ESRCH. */
export const targetDomain = (world: World, name: string): Domain | undefined =>
  name === 'io' ? world.domIo : domainByNumber(world, name);

/** The domain that a hypercall names which finds none of Xen's own (rcu_lock_domain_by_id); undefined: -ESRCH. */
export const domainByNumber = (world: World, name: string): Domain | undefined => world.domains.get(name);

/** -EPERM for a caller that is not the control domain (XSM's default policy), else 0. */
export const denyUnprivileged = (world: World): number => (world.current.domain.isHwdom ? 0 : -ERRNO.EPERM);

/** Faults the trace for a segment that the hypercall has no room for. */
export const requireSegment0 = (sbdf: Sbdf): void => {
  if (segmentOf(sbdf) !== 0) throw new TraceFault(`${formatSbdf(sbdf)}: this hypercall knows segment 0 only`);
};

/** Faults the trace when hardware is to change that the machine file does not describe. */
export const mustBeDescribed = (sbdf: Sbdf, isDescribed: boolean): void => {
  if (!isDescribed) throw new TraceFault(`the machine file describes no device ${formatSbdf(sbdf)} with that register`);
};
