// SPDX-License-Identifier: GPL-2.0-only
import type { Place } from '../../../../engine/timeline/places.ts';
import type { DeviceFact, StateChange, Timeline, TimelineStep } from '../../../../engine/timeline/timeline.ts';

/** A fact that an event changed; undefined: there was, or is, none. */
export interface FactChange {
  readonly device: string;
  readonly field: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The state after an event, and what the event changed. */
export interface Frame {
  /** undefined: before the first event. */
  readonly step: TimelineStep | undefined;
  readonly places: readonly Place[];
  readonly come: readonly Place[];
  readonly gone: readonly Place[];
  /** Value by field, by device. */
  readonly devices: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly changes: readonly FactChange[];
}

const changesOf = (timeline: Timeline, index: number): StateChange =>
  index === 0 ? timeline.start : (timeline.steps[index - 1] ?? {});

const listed = <T>(list: readonly T[], indices: readonly number[] | undefined): readonly T[] =>
  (indices ?? []).flatMap((index) => list[index] ?? []);

const apply = (devices: Map<string, Map<string, string>>, { device, field, value }: DeviceFact): FactChange => {
  const fields = devices.get(device) ?? new Map<string, string>();
  devices.set(device, fields);
  const before = fields.get(field);
  if (value === undefined) fields.delete(field);
  else fields.set(field, value);
  return { device, field, before, after: value };
};

/** Whether the same is there in another state, as a BAR that is enabled now. */
const isStillThere = (places: readonly Place[], gone: Place): boolean =>
  places.some(
    ({ kind, domain, device, bar, first, last }) =>
      kind === gone.kind &&
      domain === gone.domain &&
      device === gone.device &&
      bar === gone.bar &&
      first === gone.first &&
      last === gone.last,
  );

/** The state after so many steps; 0: before the first. */
export const frameAt = (timeline: Timeline, count: number): Frame => {
  const present = new Set<number>();
  const devices = new Map<string, Map<string, string>>();
  let changes: FactChange[] = [];
  for (let index = 0; index <= count; index++) {
    const change = changesOf(timeline, index);
    for (const place of change.gone ?? []) present.delete(place);
    for (const place of change.come ?? []) present.add(place);
    changes = listed(timeline.facts, change.facts).map((fact) => apply(devices, fact));
  }
  const last = changesOf(timeline, count);
  const isStart = count === 0;
  const places = listed(timeline.places, [...present]);
  return {
    step: isStart ? undefined : timeline.steps[count - 1],
    places,
    come: isStart ? [] : listed(timeline.places, last.come),
    gone: listed(timeline.places, last.gone).filter((place) => !isStillThere(places, place)),
    devices,
    changes: isStart ? [] : changes,
  };
};

const BEGINNING = 0;

/**
 * Places that the map has room for: all that was ever mapped, enabled or pending, and disabled BARs where they are at
 * the beginning or the end, but not where sizing puts them for a moment. A BAR at 0 has no address yet.
 */
export const placesOnMap = (timeline: Timeline): readonly Place[] => {
  const lasting = new Set([...frameAt(timeline, BEGINNING).places, ...frameAt(timeline, timeline.steps.length).places]);
  return timeline.places.filter(
    (place) => place.kind !== 'bar' || place.enabled === true || (place.first > 0 && lasting.has(place)),
  );
};

/** Whether an event changed the map or a device. */
export const hasChange = ({ come, gone, facts }: TimelineStep): boolean => (come ?? gone ?? facts) !== undefined;

/** Devices that an event changes, in order of their names. */
export const changingDevices = (timeline: Timeline): ReadonlySet<string> =>
  new Set(timeline.steps.flatMap(({ facts }) => listed(timeline.facts, facts).map(({ device }) => device)));
