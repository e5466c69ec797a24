// SPDX-License-Identifier: GPL-2.0-only
import { ERRNO } from '../num/errno.ts';
import { formatSbdf, type Sbdf, segmentOf } from '../num/sbdf.ts';
import type { Domain, World } from './state.ts';
import { applyRule, refuse } from './trail.ts';

/** A row that cannot be replayed on this machine: the fault is in the trace, not in the model. */
export class TraceFault {
  readonly message: string;
  /** The event that it is; undefined: not known yet. */
  readonly seq: number | undefined;

  constructor(message: string, seq?: number) {
    this.message = message;
    this.seq = seq;
  }
}

/** The domain that does something. Faults the trace for one that does not exist. */
export const domainNamed = (world: World, name: string): Domain => {
  const domain = targetDomain(world, name) ?? (name === 'xen' ? world.domXen : undefined);
  if (domain === undefined || domain.dying !== 'no')
    throw new TraceFault(`domain ${name} does not exist; there are ${[...world.domains.keys()].join(', ')}`);
  return domain;
};

/** A domain that the trace names; undefined: there is none of that name. */
export const targetDomain = (world: World, name: string): Domain | undefined =>
  name === 'io' ? world.domIo : world.domains.get(name);

/** The domain that a hypercall names, which is none of Xen's own; undefined: -ESRCH (rcu_lock_domain_by_id). */
export const hypercallTarget = (world: World, name: string): Domain | undefined => world.domains.get(name);

/** -EPERM for a caller that is not the control domain (XSM's default policy), else 0. */
export const denyUnprivileged = (world: World): number => {
  const { isHwdom, name } = world.current.domain;
  return isHwdom ? 0 : refuse(world, 'hypercall.not-for-caller', -ERRNO.EPERM, { domain: name });
};

/** -ESRCH for a domain that does not exist. */
export const refuseMissing = (world: World, name: string): number =>
  refuse(world, 'hypercall.domain-unknown', -ERRNO.ESRCH, { domain: name });

/** -EINVAL for an argument that the hypercall does not take. */
export const refuseArgument = (world: World): number => refuse(world, 'hypercall.argument-refused', -ERRNO.EINVAL);

/**
 * The domain that a domctl names, or a negated errno: it is looked up before XSM is asked (xen/common/domctl.c,
 * do_domctl). `also`: one of Xen's own that this domctl may name.
 */
export const domctlDomain = (world: World, name: string, also?: Domain): Domain | number => {
  const domain = name === also?.name ? also : hypercallTarget(world, name);
  if (domain !== undefined) return domain;
  if (world.behaviours.missingDomain === 'told-to-all') return refuseMissing(world, name);
  return denyUnprivileged(world) || refuseMissing(world, name);
};

/** The same of a domctl that asks XSM next. */
export const domctlTarget = (world: World, name: string, also?: Domain): Domain | number => {
  const domain = domctlDomain(world, name, also);
  return typeof domain === 'number' ? domain : denyUnprivileged(world) || domain;
};

/** domain_crash; once more does nothing. */
export const crash = (world: World, domain: Domain): void => {
  if (domain.crashed) return;
  domain.crashed = true;
  applyRule(world, 'domain.crashed', { domain: domain.name });
};

/** Faults the trace for a segment that the hypercall has no room for. */
export const requireSegment0 = (sbdf: Sbdf): void => {
  if (segmentOf(sbdf) !== 0) throw new TraceFault(`${formatSbdf(sbdf)}: this hypercall knows segment 0 only`);
};

/** Faults the trace when hardware is to change that the machine file does not describe. */
export const mustBeDescribed = (sbdf: Sbdf, isDescribed: boolean): void => {
  if (!isDescribed) throw new TraceFault(`the machine file describes no device ${formatSbdf(sbdf)} with that register`);
};
