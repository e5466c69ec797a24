// SPDX-License-Identifier: GPL-2.0-only
import { formatSbdf, type Sbdf } from '../num/sbdf.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import type { ModelWorld } from '../state/model-world.ts';
import type { DeviceJson } from '../state/result.ts';
import { stateJson } from '../state/state-json.ts';
import type { Subject } from './compare-outcome.ts';
import { type Decision, type EventReasons, type Watched, watchReplay } from './why.ts';

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
  /** Facts after the last event looked at. */
  readonly now: ReadonlyMap<string, string>;
  /** Newest first. */
  readonly changes: readonly DeviceChange[];
  /** Where Xen's own code left defined behaviour; nothing after it is known. */
  readonly end: EventReasons | undefined;
}

interface DeviceFact {
  readonly key: string;
  readonly value: string;
}

export interface DeviceQuestion {
  readonly sbdf: Sbdf;
  /** What golden text says of a device: keys begin with ` device SBDF `. */
  readonly describe: (prefix: '', name: string, device: DeviceJson) => readonly DeviceFact[];
  /** Only facts whose name contains it. */
  readonly field: string;
  /** Index of the last event that is looked at. */
  readonly last: number;
}

/**
 * Facts of one device by name. The rest of the world is left out of what is described, since that is done after every
 * event.
 */
const factsNow = (world: ModelWorld, { sbdf, field, describe }: DeviceQuestion): ReadonlyMap<string, string> => {
  // What describing leaves undefined is no part of the replay: it is told of a copy.
  const name = formatSbdf(sbdf);
  const dev = world.devices.get(sbdf);
  const alone = {
    ...{ ...world, trail: undefined, domains: new Map(), mentioned: new Set([sbdf]) },
    devices: new Map(dev === undefined ? [] : [[sbdf, dev]]),
  };
  const device = stateJson(alone).devices[name];
  if (device === undefined) return new Map();
  const prefix = ` device ${name} `;
  return new Map(
    describe('', name, device)
      .map(({ key, value }) => [key.slice(prefix.length), value] as const)
      .filter(([key]) => key.includes(field)),
  );
};

const changesBetween = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly FieldChange[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .map((field) => ({ field, before: before.get(field), after: after.get(field) }))
    .filter((change) => change.before !== change.after);

/**
 * What was decided about the device, or about none in particular. An event may change a device that it does not name:
 * then what it decided about others is why.
 */
const decisionsFor = (sbdf: Sbdf, { event, decisions }: Watched): readonly Decision[] => {
  const own = decisions.filter(({ subject }) => subject.sbdf === undefined || subject.sbdf === sbdf);
  const named = event.args['sbdf'];
  return own.length === 0 && named !== undefined && named !== sbdf ? decisions : own;
};

/** Which events changed facts of a device, and why; undefined: neither machine, Xen nor trace knows the device. */
export const whyDevice = (
  subject: Subject,
  behaviours: SystemBehaviours,
  question: DeviceQuestion,
): DeviceReasons | undefined => {
  const { sbdf, last } = question;
  let now: ReadonlyMap<string, string> = new Map();
  let end: EventReasons | undefined;
  let isKnown = false;
  const changes: DeviceChange[] = [];
  const start = (world: ModelWorld): void => {
    now = factsNow(world, question);
    isKnown = world.hw.described().includes(sbdf);
  };
  for (const watched of watchReplay(subject, behaviours, last, () => true, start)) {
    const { event, row, answer, world, isEnd } = watched;
    if (isEnd) {
      end = { event, row, answer, decisions: watched.decisions };
      break;
    }
    isKnown ||= world.devices.has(sbdf) || world.mentioned.has(sbdf);
    const after = factsNow(world, question);
    const fields = changesBetween(now, after);
    if (fields.length > 0) changes.push({ event, row, answer, decisions: decisionsFor(sbdf, watched), fields });
    now = after;
  }
  return isKnown ? { now, changes: changes.reverse(), end } : undefined;
};
