// SPDX-License-Identifier: GPL-2.0-only
import type { TraceEvent } from '../trace/operation.ts';

/** What happened beside an event's own answer: a range came into or out of a p2m, or a write reached hardware. */
export interface Effect {
  readonly kind: 'map' | 'hw';
  /** Effects of one lane keep their order: the name of a domain, or a device. */
  readonly lane: string;
  /** What has to be equal. */
  readonly text: string;
  /** Bytes written; undefined: the record does not tell, or it is no write. */
  readonly size: number | undefined;
  /** The event at which it happened in the model; of a record the row that says so. */
  readonly event: TraceEvent;
  /** How many events had been replayed by then. */
  readonly at: number;
}

/** An effect that only the record has, or only the model. */
export interface LoneEffect {
  readonly effect: Effect;
  readonly side: 'record' | 'model';
}

/** Clocks of different sources are compared by what they share: the same effect is looked for this many events around. */
const MAX_EVENTS_APART = 512;

interface Lane {
  readonly recorded: Effect[];
  readonly modelled: Effect[];
}

const same = (a: Effect, b: Effect): boolean =>
  a.text === b.text && (a.size === undefined || b.size === undefined || a.size === b.size);

/** Pairs the effects that a record has with those of the model, lane by lane, in their order. */
export class EffectMatcher {
  /** Pairs found, by kind. */
  readonly compared = { map: 0, hw: 0 };
  readonly #lanes = new Map<string, Lane>();
  readonly #lone: LoneEffect[] = [];

  recorded(effect: Effect): void {
    const lane = this.#laneOf(effect);
    lane.recorded.push(effect);
    this.#settle(lane);
  }

  modelled(effect: Effect): void {
    const lane = this.#laneOf(effect);
    lane.modelled.push(effect);
    this.#settle(lane);
  }

  /** Those that have no counterpart near them, now that `at` events were replayed; undefined: all were. */
  takeLone(at: number | undefined): readonly LoneEffect[] {
    for (const [name, lane] of this.#lanes) {
      const isOver = (effect: Effect | undefined, waits: number): effect is Effect =>
        effect !== undefined && (at === undefined || effect.at + waits < at);
      for (let [first] = lane.modelled; isOver(first, MAX_EVENTS_APART); [first] = lane.modelled) {
        this.#lone.push({ effect: first, side: 'model' });
        lane.modelled.shift();
        this.#settle(lane);
      }
      // Those of the model may have waited behind one that is alone.
      for (let [first] = lane.recorded; isOver(first, 2 * MAX_EVENTS_APART); [first] = lane.recorded) {
        this.#lone.push({ effect: first, side: 'record' });
        lane.recorded.shift();
      }
      if (lane.modelled.length + lane.recorded.length === 0) this.#lanes.delete(name);
    }
    return this.#lone.splice(0);
  }

  #laneOf({ kind, lane }: Effect): Lane {
    const name = `${kind} ${lane}`;
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const made: Lane = { recorded: [], modelled: [] };
    this.#lanes.set(name, made);
    return made;
  }

  /** Pairs from the front; what the record has before the counterpart of the model's first is the record's alone. */
  #settle(lane: Lane): void {
    for (let [first] = lane.modelled; first !== undefined; [first] = lane.modelled) {
      const wanted = first;
      const found = lane.recorded.findIndex(
        (one) => same(one, wanted) && Math.abs(one.at - wanted.at) <= MAX_EVENTS_APART,
      );
      if (found < 0) return;
      for (const effect of lane.recorded.splice(0, found)) this.#lone.push({ effect, side: 'record' });
      lane.recorded.shift();
      lane.modelled.shift();
      this.compared[wanted.kind]++;
    }
  }
}
