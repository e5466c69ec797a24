// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import type { RuleId } from '../semantics/rules.ts';
import type { RuleSubject, World } from './state.ts';

/** Notes that a rule decided something. Costs one comparison when nobody asked for reasons. */
export const applyRule = (world: Pick<World, 'trail'>, rule: RuleId, subject: RuleSubject): void => {
  if (world.trail !== undefined) world.trail.record(rule, subject);
};

/** Notes why a call is turned away; answers what it answers. */
export const refuse = (world: Pick<World, 'trail'>, rule: RuleId, ret: number, subject: RuleSubject = {}): number => {
  applyRule(world, rule, subject);
  return ret;
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

const framesText = (first: number, last: number): string =>
  first === last ? `gfn ${hex(first)}` : `gfn ${hex(first)}-${hex(last)}`;

/** `d0 0000:00:03.0 bar 1 gfn 0xfe002`: what a rule was applied to, as far as it is known. */
export const formatSubject = ({ sbdf, bar, gfn, lastGfn, domain, name }: RuleSubject): string =>
  [
    ...(domain === undefined ? [] : [domain]),
    ...(sbdf === undefined ? [] : [formatSbdf(sbdf)]),
    ...(bar === undefined ? [] : [`bar ${bar}`]),
    ...(gfn === undefined ? [] : [framesText(gfn, lastGfn ?? gfn)]),
    ...(name === undefined ? [] : [name]),
  ].join(' ');
