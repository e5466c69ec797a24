// SPDX-License-Identifier: GPL-2.0-only
import { deviceFacts } from '../golden/device-facts.ts';
import { answerOf, describeEvent } from '../golden/event-facts.ts';
import { stateFacts } from '../golden/state-facts.ts';
import { formatAccess } from '../machine/hardware.ts';
import { PAGE_SIZE_BYTES } from '../num/frames.ts';
import type { Subject } from '../replay/compare-outcome.ts';
import { finalLine } from '../replay/replay.ts';
import { type Decision, reasonsOf, startStepper, type Watched } from '../replay/why.ts';
import type { SystemBehaviours } from '../semantics/states.ts';
import { type ModelWorld, modelStateJson } from '../state/model-world.ts';
import type { DeviceJson } from '../state/result.ts';
import type { Registry } from '../trace/operation.ts';
import { formatSubject } from '../xen/trail.ts';
import type { Frames } from './frames.ts';
import { Changes, Interned } from './interned.ts';
import { type Memory, type Place, placesOf } from './places.ts';

/**
 * A fact about a device, as golden text has it behind the device's name; `arm` and `grants` are devices here. Without
 * value: there is none any more.
 */
export interface DeviceFact {
  readonly device: string;
  readonly field: string;
  readonly value?: string;
}

/** Indices into {@link Timeline.places} and {@link Timeline.facts}; absent: none. */
export interface StateChange {
  readonly come?: readonly number[];
  readonly gone?: readonly number[];
  readonly facts?: readonly number[];
}

/** An event, and what it changed. */
export interface TimelineStep extends StateChange {
  readonly seq: number;
  /** Where it is in the file of the trace, if that is known and has lines. */
  readonly line?: number;
  /** Operation and fields. */
  readonly text: string;
  readonly answer: string;
  readonly note?: string;
  /** Writes that reached hardware, in order. */
  readonly hw?: readonly string[];
  /** Rules in the order in which they decided, each with what it was about. */
  readonly rules?: readonly (readonly [rule: string, ...subjects: string[]])[];
}

/**
 * A replay as a film: the state before the first event, and what each event changed. Plain JSON. Places and facts are
 * listed once and referred to by index, since BARs come back to where they were.
 */
export interface Timeline {
  readonly places: readonly Place[];
  readonly facts: readonly DeviceFact[];
  /** Frames that the machine's memory map lists. */
  readonly memoryMap: readonly Frames[];
  readonly start: StateChange;
  readonly steps: readonly TimelineStep[];
  /** Xen's own code left defined behaviour with the last step: so many events were not reached. */
  readonly unreached?: number;
  /** What the final state is called where Xen's own code leaves defined behaviour in looking at it. */
  readonly end?: string;
}

/** What Arm and grants add to the state: the first word of a fact stands for a device. */
const FURTHER = /^ (\S+) (.+)$/;

const furtherFacts = (rest: Readonly<Record<string, unknown>>): readonly DeviceFact[] =>
  stateFacts('', { ...rest, domains: {}, devices: {} }).flatMap(({ key, value }) => {
    const [, device, field] = FURTHER.exec(key) ?? [];
    return device === undefined || field === undefined ? [] : [{ device, field, value }];
  });

const factsOfDevice = (device: string, json: DeviceJson): readonly DeviceFact[] => {
  const prefix = ` device ${device} `;
  return deviceFacts('', device, json).map(({ key, value }) => ({ device, field: key.slice(prefix.length), value }));
};

/** Stands for all that is no device. */
const FURTHER_PART = '';

/** What changed from some facts to others; of those that are gone only the name. */
const factChanges = (before: readonly DeviceFact[], now: readonly DeviceFact[]): readonly DeviceFact[] => {
  const nameOf = ({ device, field }: DeviceFact): string => `${device} ${field}`;
  const [old, present] = [new Map(before.map((fact) => [nameOf(fact), fact.value])), new Set(now.map(nameOf))];
  return [
    ...now.filter((fact) => old.get(nameOf(fact)) !== fact.value),
    ...before.filter((fact) => !present.has(nameOf(fact))).map(({ device, field }) => ({ device, field })),
  ];
};

/** Tells which facts changed since it was last asked. What is as it was, for most events all, is not described anew. */
const watchFacts = () => {
  const parts = new Map<string, { readonly text: string; readonly facts: readonly DeviceFact[] }>();
  const changed = (part: string, json: unknown, describe: () => readonly DeviceFact[]): readonly DeviceFact[] => {
    const text = JSON.stringify(json);
    const before = parts.get(part);
    if (before?.text === text) return [];
    const facts = describe();
    parts.set(part, { text, facts });
    return factChanges(before?.facts ?? [], facts);
  };
  return (world: ModelWorld): readonly DeviceFact[] => {
    // Describing is done on a copy: what it leaves undefined is no part of the replay.
    const { devices, domains: _domains, ...rest } = modelStateJson({ ...world, trail: undefined });
    const lost = [...parts.keys()].filter((part) => part !== FURTHER_PART && devices[part] === undefined);
    return [
      ...lost.flatMap((device) => changed(device, null, () => [])),
      ...Object.entries(devices).flatMap(([device, json]) => changed(device, json, () => factsOfDevice(device, json))),
      ...changed(FURTHER_PART, rest, () => furtherFacts(rest)),
    ];
  };
};

const groupRules = (decisions: readonly Decision[]): readonly [string, ...string[]][] => {
  const groups = new Map<string, [string, ...string[]]>();
  for (const { rule, subject } of decisions) {
    const text = formatSubject(subject);
    const group = groups.get(rule) ?? [rule];
    groups.set(rule, text === '' ? group : [...group, text]);
  }
  return [...groups.values()];
};

/** Members that have something in them; the rest is left out of the JSON. */
const nonEmpty = <T extends Readonly<Record<string, readonly unknown[]>>>(lists: T): Partial<T> =>
  // Only members of T remain.
  Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) as Partial<T>;

/** Tells what changed since it was last asked. */
const watchState = (places: Interned<Place>, facts: Interned<DeviceFact>) => {
  const memory: Memory = new Map();
  const placeChanges = new Changes();
  const changedFacts = watchFacts();
  return (world: ModelWorld): StateChange => {
    const { come, gone } = placeChanges.to(placesOf(world, memory).map((place) => places.indexOf(place)));
    return nonEmpty({ come, gone, facts: changedFacts(world).map((fact) => facts.indexOf(fact)) });
  };
};

const stepOf = (watched: Watched, registry: Registry): TimelineStep => {
  const { event, answer, decisions } = reasonsOf(watched);
  return {
    seq: event.seq,
    text: describeEvent(event, registry),
    answer: answerOf(answer, event),
    ...(event.note === undefined ? {} : { note: event.note }),
    ...nonEmpty({ hw: watched.world.hw.takeLog().map(formatAccess), rules: groupRules(decisions) }),
  };
};

/** Replays a trace and takes down, event by event, what it did. Throws what a replay throws. */
export const timelineOf = (
  subject: Pick<Subject, 'machine' | 'events'>,
  behaviours: SystemBehaviours,
  registry: Registry,
): Timeline => {
  const { events, machine } = subject;
  const [places, facts] = [new Interned<Place>(), new Interned<DeviceFact>()];
  const change = watchState(places, facts);
  const { world, step } = startStepper(subject, behaviours, 'writes', () => true);
  const start = change(world);
  world.hw.takeLog();
  const steps: TimelineStep[] = [];
  for (const [index, event] of events.entries()) {
    const watched = step(event, index);
    const own = stepOf(watched, registry);
    steps.push(watched.isEnd ? own : { ...own, ...change(world) });
    if (watched.isEnd) break;
  }
  const unreached = events.length - steps.length;
  // On a copy, as above; after an event that has ended the replay there is no final line.
  const end = world.undefinedRule === undefined ? answerOf(finalLine({ ...world, trail: undefined }), undefined) : '';
  return {
    ...{ places: places.list, facts: facts.list, start, steps },
    memoryMap: machine.memoryMap.map(({ first, last }) => ({
      first: Math.floor(first / PAGE_SIZE_BYTES),
      last: Math.floor(last / PAGE_SIZE_BYTES),
    })),
    ...(unreached === 0 ? {} : { unreached }),
    ...(end === '' ? {} : { end }),
  };
};
