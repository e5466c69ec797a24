// SPDX-License-Identifier: GPL-2.0-only
import type { PlainMachine } from '../../engine/machine/plain.ts';
import { runEvent } from '../../engine/replay/replay.ts';
import type { Behaviours } from '../../engine/semantics/behaviours.ts';
import type { RuleId } from '../../engine/semantics/rules.ts';
import { createModelWorld } from '../../engine/state/model-world.ts';
import type { TraceEvent } from '../../engine/trace/operation.ts';
import { TraceFault } from '../../engine/xen/domains.ts';
import type { World } from '../../engine/xen/state.ts';

/** What an event has done. */
export interface Step {
  readonly world: World;
  readonly event: TraceEvent;
  /** Rules that decided something in this event. */
  readonly rules: ReadonlySet<RuleId>;
}

/**
 * Replays a trace event by event. It ends early where the trace makes no sense on the machine, or where Xen's own code
 * leaves defined behaviour; `before` and `after` are called around the events up to there.
 */
export const stepThrough = (
  machine: PlainMachine,
  behaviours: Behaviours,
  events: readonly TraceEvent[],
  watch: { readonly before?: (world: World) => void; readonly after: (step: Step) => void },
): void => {
  const rules = new Set<RuleId>();
  const world = createModelWorld({
    machine,
    behaviours,
    logging: 'writes',
    trail: { record: (rule) => rules.add(rule) },
  });
  for (const event of events) {
    rules.clear();
    watch.before?.(world);
    try {
      runEvent(world, event);
    } catch (fault) {
      if (fault instanceof TraceFault) return;
      throw fault;
    }
    if (world.undefinedRule !== undefined) return;
    watch.after({ world, event, rules });
  }
};
