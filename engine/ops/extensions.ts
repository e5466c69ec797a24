// SPDX-License-Identifier: GPL-2.0-only
import { TraceFault } from '../xen/domains.ts';
import type { ArmOperation } from './arm/operation.ts';
import { dropDeadDomains } from './dead-domains.ts';
import { grantsOf } from './grants/of.ts';
import type { GrantOperation } from './grants/operation.ts';
import type { Operation } from './operation.ts';

/** An operation of the grants part, for the common table. */
export const onGrants = ({ declaration, run }: GrantOperation): Operation => ({
  ...declaration,
  run: (world, args) => {
    const outcome = { ...run(grantsOf(world), args) };
    dropDeadDomains(world);
    return outcome;
  },
});

/** An operation of the Arm part, for the common table. */
export const onArm = ({ declaration, run }: ArmOperation): Operation => ({
  ...declaration,
  run: (world, args) => {
    if (world.arm === undefined) throw new TraceFault('the machine file has no `arm`, which the operation needs');
    return run(world.arm, args);
  },
});
