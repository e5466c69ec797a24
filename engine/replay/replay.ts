// SPDX-License-Identifier: GPL-2.0-only
import { type AccessLog, formatAccess } from '../machine/hardware.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { OPERATIONS } from '../ops/index.ts';
import {
  createModelWorld,
  type ModelBehaviours,
  type ModelMachine,
  type ModelWorld,
  modelStateJson,
} from '../state/model-world.ts';
import type { Answer, ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import { resumeVcpu } from '../vpci/map-bars.ts';
import { domainNamed, TraceFault } from '../xen/domains.ts';
import type { Trail } from '../xen/state.ts';

export interface ReplaySetup {
  readonly machine: ModelMachine;
  readonly behaviours: ModelBehaviours;
  /** Which accesses to hardware the result lines tell; writes unless said otherwise. */
  readonly logging?: AccessLog;
  /** Told of every rule that decides something. */
  readonly trail?: Trail;
}

const run = (world: ModelWorld, event: TraceEvent): Answer | undefined => {
  const operation = OPERATIONS.get(event.op);
  if (operation === undefined) throw new TraceFault(`there is no operation ${event.op}`);
  const { dom, vcpu, sbdf } = event.args;
  // A device that Xen knows is described, or was mentioned when it was added.
  if (typeof sbdf === 'number' && !world.devices.has(sbdf as Sbdf)) world.mentioned.add(sbdf as Sbdf);
  if (typeof dom === 'string' && 'vcpu' in event.args) setCurrent(world, dom, typeof vcpu === 'number' ? vcpu : 0);
  else setCurrent(world, world.hwdom.name, 0);
  // The decoder has checked the arguments against the operation's fields.
  const outcome = operation.run(world, event.args as never);
  if (world.options.autorun) finishDeferredWork(world);
  return outcome;
};

/** Most events are of the vCPU of the one before. */
const setCurrent = (world: ModelWorld, name: string, vcpu: number): void => {
  const { current } = world;
  if (current.domain.name !== name || current.vcpu !== vcpu) world.current = { domain: domainNamed(world, name), vcpu };
};

/** Before the vCPU of a row runs again its deferred work is carried out to the end. */
const finishDeferredWork = (world: ModelWorld): void => {
  const { domain, vcpu } = world.current;
  if (domain.vcpus.size > 0) resumeVcpu(world, domain, vcpu, false);
};

/** Carries out one event, with the deferred work that it leaves; for those who look at the world after each one. */
export const runEvent = (world: ModelWorld, event: TraceEvent): Answer | undefined => {
  try {
    return run(world, event);
  } catch (fault) {
    if (fault instanceof TraceFault)
      throw new TraceFault(`event ${event.seq} (${event.op}): ${fault.message}`, event.seq);
    throw fault;
  }
};

const countKeys = (answer: Answer): number => {
  let count = 0;
  for (const _key in answer) count += 1;
  return count;
};

/** The line of an answer; undefined: it says nothing. Nearly all say one thing, and to copy that one costs least. */
const lineOf = (seq: number, answer: Answer): ResultLine | undefined => {
  const count = countKeys(answer);
  if (count === 0) return undefined;
  const { ret, value } = answer;
  if (count > 1) return { seq, ...answer };
  if (value !== undefined) return { seq, value };
  return ret === undefined ? { seq, ...answer } : { seq, ret };
};

/**
 * Carries out one event and tells how it ends; undefined: it has nothing to answer. After a line that is `undefined`
 * nothing is known of the world. Throws what {@link replayTrace} throws.
 */
export const answerTo = (world: ModelWorld, event: TraceEvent): ResultLine | undefined => {
  const outcome = runEvent(world, event);
  const { undefinedRule: rule } = world;
  const { seq } = event;
  if (rule !== undefined) return { seq, undefined: true, rule };
  const accesses = world.hw.takeLog();
  if (accesses.length > 0 && outcome?.undefined !== true) return { seq, ...outcome, hw: accesses.map(formatAccess) };
  return outcome === undefined ? undefined : lineOf(seq, outcome);
};

/** What a replay ends with: the state, unless looking at it leaves defined behaviour. */
export const finalLine = (world: ModelWorld): ResultLine => {
  const state = modelStateJson(world);
  const { undefinedRule: rule } = world;
  return rule === undefined ? { final: true, state } : { final: true, undefined: true, rule };
};

/**
 * Replays a trace: a result line for each event that has something to answer, and the final state. Where Xen's own
 * code leaves defined behaviour the answers end. Throws {@link TraceFault}, with the event's number in front, for a row
 * that makes no sense on this machine.
 */
export function* replayTrace(setup: ReplaySetup, events: Iterable<TraceEvent>): Generator<ResultLine> {
  const { machine, behaviours, trail, logging = 'writes' } = setup;
  const world = createModelWorld({ machine, behaviours, logging, trail });
  for (const event of events) {
    const line = answerTo(world, event);
    if (line === undefined) continue;
    yield line;
    if (line.undefined === true) return;
  }
  yield finalLine(world);
}
