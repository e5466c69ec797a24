// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf, type Sbdf } from '../num/sbdf.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import type { ModelWorld } from '../state/model-world.ts';
import type { DeviceJson } from '../state/result.ts';
import { deviceJson } from '../state/state-json.ts';
import type { TraceEvent } from '../trace/operation.ts';
import type { Domain } from '../xen/state.ts';
import { type BarMapping, barMappings } from './bar-mapping.ts';
import type { Subject } from './compare-outcome.ts';
import { type Decision, type EventReasons, reasonsOf, type Watched, watchReplay } from './why.ts';

/** One fact of a device that an event changed; undefined: there was, or is, no such fact. */
export interface FieldChange {
  /** As in golden text, behind the device: `bar 0`. */
  readonly field: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** An event that changed facts of the device. */
export interface DeviceChange extends EventReasons {
  readonly fields: readonly FieldChange[];
}

export interface DeviceReasons {
  /** Facts that were asked about, after the last event looked at. */
  readonly now: ReadonlyMap<string, string>;
  /** What the p2m maps of its BARs, then. */
  readonly bars: readonly BarMapping[];
  /** Newest first. */
  readonly changes: readonly DeviceChange[];
  /** Names of all facts that there ever were, asked about or not. */
  readonly names: ReadonlySet<string>;
  /** Where Xen's own code left defined behaviour; nothing after it is known. */
  readonly end: EventReasons | undefined;
}

/** Neither machine nor Xen nor trace know the device, but these. */
export interface NoDevice {
  readonly devices: readonly Sbdf[];
}

interface DeviceFact {
  readonly key: string;
  readonly value: string;
}

export interface DeviceQuestion {
  readonly sbdf: Sbdf;
  /** What golden text says of a device: keys begin with ` device SBDF `. */
  readonly describe: (prefix: '', name: string, device: DeviceJson) => readonly DeviceFact[];
  /** Whether a fact of this name is asked about. */
  readonly isWanted: (name: string) => boolean;
  /** Index of the last event that is looked at. */
  readonly last: number;
}

type Facts = ReadonlyMap<string, string>;

const factsOf = (device: DeviceJson, { sbdf, describe }: DeviceQuestion): Facts => {
  const name = formatSbdf(sbdf);
  const prefix = ` device ${name} `;
  return new Map(describe('', name, device).map(({ key, value }) => [key.slice(prefix.length), value] as const));
};

const changesBetween = (before: Facts, after: Facts): readonly FieldChange[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .map((field) => ({ field, before: before.get(field), after: after.get(field) }))
    .filter((change) => change.before !== change.after);

/**
 * What was decided about the device, or about none in particular. An event may change a device that it does not name:
 * then what it decided about others is why.
 */
const decisionsFor = (sbdf: Sbdf, event: TraceEvent, decisions: readonly Decision[]): readonly Decision[] => {
  const own = decisions.filter(({ subject }) => subject.sbdf === undefined || subject.sbdf === sbdf);
  const named = event.args['sbdf'];
  return own.length === 0 && named !== undefined && named !== sbdf ? decisions : own;
};

/** Operations that change no device. */
const CHANGES_NOTHING = new Set(['cfg.read', 'ecam.read', 'io.read', 'mmio.read', 'hw.get', 'note', 'checkpoint']);
/** Operations that change no device but the one they name, if hwdom does them: its SBDFs are those of the hardware. */
const CHANGES_WHAT_IT_NAMES = new Set(['cfg.write', 'ecam.write']);

/**
 * Whether an event may have changed the device. Deferred work that there was before it may be carried out with it,
 * whatever the event is.
 */
export const mayChange = (sbdf: Sbdf, { event, decisions, world }: Watched, hadDeferredWork: boolean): boolean =>
  hadDeferredWork ||
  (!CHANGES_NOTHING.has(event.op) &&
    (event.args['sbdf'] === sbdf ||
      world.current.domain !== world.hwdom ||
      !CHANGES_WHAT_IT_NAMES.has(event.op) ||
      decisions.some(({ subject }) => subject.sbdf === sbdf)));

/** Follows, event by event, whether any vCPU has deferred work: only the domain that acts gets some, or has it done. */
export const followDeferredWork = (): { isThere(): boolean; after(world: ModelWorld): void } => {
  const domains = new Set<Domain>();
  return {
    isThere: () => domains.size > 0,
    after: ({ current: { domain } }) => {
      if (domain.vcpus.size > 0) domains.add(domain);
      else if (domains.size > 0) domains.delete(domain);
    },
  };
};

/** Which events changed facts of a device, and why. */
export const whyDevice = (
  subject: Subject,
  behaviours: SystemBehaviours,
  question: DeviceQuestion,
): DeviceReasons | NoDevice => {
  const { sbdf, last, isWanted } = question;
  let now: Facts = new Map();
  let end: EventReasons | undefined;
  let reached: ModelWorld | undefined;
  const deferred = followDeferredWork();
  let lastSeen = '';
  const changes: DeviceChange[] = [];
  const names = new Set<string>();
  const look = (world: ModelWorld): Facts => {
    const device = deviceJson(world, sbdf);
    const text = JSON.stringify(device);
    if (text === lastSeen) return now;
    lastSeen = text;
    const facts = factsOf(device, question);
    for (const name of facts.keys()) names.add(name);
    return facts;
  };
  watchReplay(subject, behaviours, last, {
    start: (world) => {
      reached = world;
      now = look(world);
    },
    after: (watched) => {
      const { event, world } = watched;
      const isLooked = mayChange(sbdf, watched, deferred.isThere());
      deferred.after(world);
      if (watched.isEnd) end = reasonsOf(watched);
      if (watched.isEnd || !isLooked) return;
      const after = look(world);
      const fields = changesBetween(now, after).filter(({ field }) => isWanted(field));
      now = after;
      if (fields.length === 0) return;
      const reasons = reasonsOf(watched);
      changes.push({ ...reasons, decisions: decisionsFor(sbdf, event, reasons.decisions), fields });
    },
  });
  const devices = new Set(reached && [...reached.hw.described(), ...reached.devices.keys(), ...reached.mentioned]);
  if (!devices.has(sbdf)) return { devices: [...devices] };
  const bars = reached === undefined || end !== undefined ? [] : barMappings(reached, sbdf);
  return {
    bars,
    ...{ now: new Map([...now].filter(([name]) => isWanted(name))), changes: changes.reverse(), names, end },
  };
};
