// SPDX-License-Identifier: GPL-2.0-only
import type { Fault } from '../../guest/grants/fault.ts';
import type { GrantDmaData, GrantWorld } from '../../guest/grants/world.ts';
import type { ArgsOf, Field, FieldSet } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';
import { TraceFault } from '../../xen/domains.ts';
import { applyRule } from '../../xen/trail.ts';
import type { GrantOutcome } from './outcome.ts';

/** An operation of virtio front ends that use grants, or of their backends. */
export interface GrantOperation<F extends FieldSet = FieldSet, N extends string = string> {
  readonly declaration: Declaration<F, N>;
  run(world: GrantWorld, args: ArgsOf<F>): GrantOutcome;
}

export const grantOperation = <const F extends FieldSet, const N extends string>(
  declaration: Declaration<F, N>,
  run: GrantOperation<F, N>['run'],
): GrantOperation<F, N> => ({ declaration, run });

/** Faults the trace when drivers of a guest that has ended are to do something. */
export const guestMustRun = ({ guest, guestHasEnded }: GrantWorld): void => {
  if (guestHasEnded) throw new TraceFault(`domain d${guest}, whose drivers these are, has ended`);
};

/** One that a driver calls on a device; `perform` is given the device's grant data, if it uses grants. */
export const deviceOperation = <const F extends FieldSet & { readonly device: Field<string> }, const N extends string>(
  declaration: Declaration<F, N>,
  perform: (world: GrantWorld, data: GrantDmaData, args: ArgsOf<F>, fault: Fault) => GrantOutcome,
): GrantOperation<F, N> =>
  grantOperation(declaration, (world, args) => {
    guestMustRun(world);
    const device = String(args.device);
    if (!world.tree.devices.has(device)) return { noDevice: true };
    const data = world.probed.get(device);
    if (data === undefined) return { dmaOps: 'platform' };
    const fault: Fault = { rule: undefined };
    const outcome = perform(world, data, args, fault);
    if (fault.rule === undefined) return outcome;
    applyRule(world, fault.rule, { name: device });
    return { undefined: true, rule: fault.rule };
  });
