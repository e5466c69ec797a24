// SPDX-License-Identifier: GPL-2.0-only
import type { ArmEvent } from '../../arm/events.ts';
import type { MmioState } from '../../arm/mmio.ts';
import type { ArmWorld } from '../../arm/world.ts';
import type { RuleId } from '../../semantics/rules.ts';
import type { ArgsOf, FieldSet } from '../../trace/field.ts';
import type { Declaration } from '../../trace/operation.ts';

/** What an operation on Arm answers, in the JSON form that is printed; further keys as their operations say. */
export interface ArmOutcome {
  /** 0 or a negated errno. */
  readonly ret?: number;
  /** What was read. */
  readonly value?: string;
  /** Where an MMIO access ended. */
  readonly access?: MmioState;
  /** What it made Xen do, in order; absent if nothing. */
  readonly events?: readonly ArmEvent[];
  /** Xen crashes here; nothing after it is known. */
  readonly undefined?: true;
  readonly rule?: RuleId;
  readonly [further: string]: unknown;
}

export interface ArmOperation<F extends FieldSet = FieldSet, N extends string = string> {
  readonly declaration: Declaration<F, N>;
  run(arm: ArmWorld, args: ArgsOf<F>): ArmOutcome;
}

/** Makes an operation out of its declaration and what it does: events are collected, and a crash ends everything. */
export const armOperation = <const F extends FieldSet, const N extends string>(
  declaration: Declaration<F, N>,
  perform: (arm: ArmWorld, args: ArgsOf<F>) => ArmOutcome,
): ArmOperation<F, N> => ({
  declaration,
  run: (arm, args) => {
    if (arm.undefinedRule !== undefined) return { undefined: true, rule: arm.undefinedRule };
    arm.events = [];
    const outcome = perform(arm, args);
    const events = arm.events.length === 0 ? {} : { events: arm.events };
    const rule = arm.undefinedRule;
    return rule === undefined ? { ...outcome, ...events } : { undefined: true, rule, ...events };
  },
});
