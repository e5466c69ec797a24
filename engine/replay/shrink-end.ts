// SPDX-License-Identifier: GPL-2.0-only
import type { AccessLog } from '../machine/hardware.ts';
import type { RuleId } from '../semantics/rules.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import { createModelWorld, type ModelMachine, type ModelWorld } from '../state/model-world.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import { TraceFault } from '../xen/domains.ts';
import type { RuleSubject } from '../xen/state.ts';
import { answerTo, finalLine } from './replay.ts';

/** How an event ends. */
export interface Ending {
  readonly event: TraceEvent;
  readonly index: number;
  readonly line: ResultLine;
  /** What was decided in it, a kind of decision each: the rule and what kind of thing it was about. */
  readonly decisions: ReadonlySet<string>;
  readonly world: ModelWorld;
}

/** A rule and what it was about, whichever device, frame or domain that was. */
const decisionKind = ({ devices }: ModelWorld, rule: RuleId, { sbdf, bar, gfn, domain }: RuleSubject): string => {
  const device = sbdf === undefined ? '' : devices.has(sbdf) ? 'device' : 'unknown device';
  const parts = [bar === undefined ? '' : 'bar', gfn === undefined ? '' : 'gfn', domain === undefined ? '' : 'domain'];
  return `${rule} ${[device, ...parts].join()}`;
};

/** The rule of a decision of {@link Ending}. */
export const ruleOf = (decision: string): string => decision.slice(0, decision.indexOf(' '));

/**
 * Replays events and tells how each one ends, up to the one at which Xen's code leaves defined behaviour. Decisions and
 * world are those of the moment: they change with the next event. Throws what a replay throws.
 */
export function* endings(
  machine: ModelMachine,
  events: readonly TraceEvent[],
  behaviours: SystemBehaviours,
  logging: AccessLog = 'off',
): Generator<Ending> {
  const decisions = new Set<string>();
  const trail = { record: (rule: RuleId, subject: RuleSubject) => decisions.add(decisionKind(world, rule, subject)) };
  const world: ModelWorld = createModelWorld({ machine, behaviours, logging, trail });
  for (const [index, event] of events.entries()) {
    decisions.clear();
    const line = answerTo(world, event) ?? { seq: event.seq };
    yield { event, index, line, decisions, world };
    if (line.undefined === true) return;
  }
}

/** How the last event ends; undefined: it is not reached, or the trace makes no sense on this machine. */
export const endingOf = (...args: Parameters<typeof endings>): Ending | undefined => {
  const [, events] = args;
  try {
    for (const ending of endings(...args)) if (ending.index === events.length - 1) return ending;
  } catch (fault) {
    if (!(fault instanceof TraceFault)) throw fault;
  }
  return undefined;
};

/** The state that the last event leaves; undefined: Xen's code left defined behaviour, and there is none. */
export const stateAtEnd = ({ line, world }: Ending): ResultLine | undefined => {
  if (line.undefined === true) return undefined;
  return finalLine(world);
};
