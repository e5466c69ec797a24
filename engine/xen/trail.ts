// SPDX-License-Identifier: GPL-2.0-only
import type { RuleId } from '../semantics/rules.ts';
import type { RuleSubject, World } from './state.ts';

/** Notes that a rule decided something. Costs one comparison when nobody asked for reasons. */
export const applyRule = (world: Pick<World, 'trail'>, rule: RuleId, subject: RuleSubject): void => {
  if (world.trail !== undefined) world.trail.record(rule, subject);
};

/**
 * Notes that Xen's own code leaves defined behaviour here. The event goes on in the model, harmlessly; its answer, and
 * all that would come later, is then dropped by the replay.
 */
export const leaveDefinedBehaviour = (
  world: Pick<World, 'trail' | 'undefinedRule'>,
  rule: RuleId,
  subject: RuleSubject,
): void => {
  applyRule(world, rule, subject);
  world.undefinedRule ??= rule;
};
