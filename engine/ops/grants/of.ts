// SPDX-License-Identifier: GPL-2.0-only
import { GNTST } from '../../guest/grants/constants.ts';
import type { MappedTable } from '../../guest/grants/table-frames.ts';
import { domidOf, type GrantWorld, xenTableOf } from '../../guest/grants/world.ts';
import type { ModelWorld } from '../../state/model-world.ts';
import { hypercallTarget, TraceFault } from '../../xen/domains.ts';
import type { Domain } from '../../xen/state.ts';
import { applyRule } from '../../xen/trail.ts';

/** The grants part of the model. Faults the trace on a machine without one. */
export const grantsOf = ({ grants }: ModelWorld): GrantWorld => {
  if (grants === undefined)
    throw new TraceFault('the machine file has neither `deviceTree` nor `grants`, which the operation needs');
  return grants;
};

/** The grant table of a domain, with where its frames can be. */
export const tableOf = (world: ModelWorld, { name, p2m }: Domain): MappedTable => ({
  table: xenTableOf(grantsOf(world), domidOf(name)),
  p2m,
});

/** A domain's table that a hypercall asks for, its own if none is named; or why not, as GNTST has it. */
export const askedTable = (
  world: ModelWorld,
  domid: string | undefined,
): { readonly mapped: MappedTable } | { readonly status: number } => {
  grantsOf(world);
  const { domain: caller } = world.current;
  const name = domid ?? caller.name;
  const domain = hypercallTarget(world, name);
  if (domain === undefined) {
    applyRule(world, 'grant-table.domain-missing', { domain: name });
    return { status: GNTST.badDomain };
  }
  if (domain !== caller && !caller.isHwdom) {
    applyRule(world, 'grant-table.not-permitted', { domain: name });
    return { status: GNTST.permissionDenied };
  }
  return { mapped: tableOf(world, domain) };
};
