// SPDX-License-Identifier: GPL-2.0-only
import type { PlainDevice } from '../machine/plain.ts';
import { formatSbdf, parseSbdf, type Sbdf } from '../num/sbdf.ts';
import type { RuleId } from '../semantics/rules.ts';
import type { ResultLine, StateJson } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import type { Trail } from '../xen/state.ts';
import { type ComparedEffects, EffectComparison } from './compare-effects.ts';
import { type ComparedCount, compareEvent, type Divergence, nothingCompared, registersFor } from './recorded.ts';

/** Replays events from the start, telling of reads of hardware and, if there is a trail, of every rule that decides. */
export type Replayer = (events: Iterable<TraceEvent>, trail?: Trail) => Iterable<ResultLine>;

/** A divergence with what the model went by. */
export interface Finding extends Divergence {
  readonly event: TraceEvent;
  /** In the order in which they were applied, each once; of `map` and `hw` none. */
  readonly rules: readonly RuleId[];
  /** The device concerned, in canonical form, if the event or its accesses to hardware name one. */
  readonly sbdf: string | undefined;
}

export interface Conformance {
  /** By operation, in the order in which they first were compared. */
  readonly compared: ReadonlyMap<string, ComparedCount>;
  /** Ranges mapped and writes to hardware. */
  readonly effects: ComparedEffects;
  /** Where Xen's part of an answer differs, in the order of the events. */
  readonly findings: readonly Finding[];
  /** Values that came straight from hardware and differ: the hardware was set to what was recorded. */
  readonly learned: readonly Finding[];
  /** Events that were replayed; fewer than the trace has where the model leaves defined behaviour. */
  readonly replayed: number;
  /** Rows of `hw.set` that were put in behind an event, by its number. */
  readonly lessons: Lessons;
}

type Lessons = ReadonlyMap<number, readonly TraceEvent[]>;

/** Rows that stand for hardware having changed by itself, so that a read answered by `line` gives `recorded`. */
const lessonOf = (event: TraceEvent, line: ResultLine, recorded: bigint): readonly TraceEvent[] =>
  registersFor(line, recorded).map(({ sbdf, reg, size, value }) => ({
    ...{ seq: event.seq, op: 'hw.set', args: { sbdf: parseSbdf(sbdf), reg, size, value } },
    ...{ time: undefined, ret: undefined, note: undefined },
  }));

const deviceOf = (event: TraceEvent, line: ResultLine | undefined, subject: Sbdf | undefined): string | undefined => {
  const { sbdf } = event.args;
  // The decoder has checked the operation's fields.
  const named = typeof sbdf === 'number' ? (sbdf as Sbdf) : subject;
  return named === undefined ? line?.hw?.[0]?.split(' ')[1] : formatSbdf(named);
};

/** Rows of a record that stand for no event but say what came of the one before. */
const isExpectation = ({ op }: TraceEvent): boolean => op.startsWith('expect.');

/** One replay with its comparison: takes events in front of it, lines behind it. */
class Comparison {
  readonly compared = new Map<string, ComparedCount>();
  readonly learned: Finding[] = [];
  /** Rows that were put in after an event, by its number. */
  readonly lessons = new Map<number, readonly TraceEvent[]>();
  readonly #found: Finding[] = [];
  readonly #effects: EffectComparison;
  replayed = 0;
  #rules = new Set<RuleId>();
  #subject: Sbdf | undefined;
  #event: TraceEvent | undefined;
  #line: ResultLine | undefined;

  constructor(devices: readonly PlainDevice[]) {
    this.#effects = new EffectComparison(devices);
  }

  readonly trail: Trail = {
    record: (rule, { sbdf }) => {
      this.#rules.add(rule);
      this.#subject ??= sbdf;
    },
    mapped: (change) => this.#effects.takeMap(change),
  };

  get effects(): ComparedEffects {
    return this.#effects.compared();
  }

  /** In the order of the events, those of one event in the order in which they were found. */
  get findings(): readonly Finding[] {
    const lone = this.#effects.divergences().map((one) => ({ ...one, rules: [], sbdf: one.sbdf }));
    return [...this.#found, ...lone].sort((a, b) => a.event.seq - b.event.seq);
  }

  /** `events`, and after each one, once the replay asks for the next, what there is to learn from it. */
  *feed(events: Iterable<TraceEvent>): Generator<TraceEvent> {
    for (const event of events) {
      this.replayed += 1;
      if (isExpectation(event)) {
        this.#effects.takeRecorded(event);
        continue;
      }
      this.#rules = new Set();
      this.#subject = undefined;
      this.#line = undefined;
      this.#event = event;
      this.#effects.begin(event);
      yield event;
      yield* this.#settle(event);
    }
  }

  take(line: ResultLine): void {
    const event = this.#event;
    if (event === undefined || line.seq !== event.seq) return;
    if (this.#line === undefined) this.#effects.takeLine(line);
    this.#line ??= line;
    if (!line.undefined) return;
    const { seq, op } = event;
    const none = { recorded: '', modelled: line.rule, fromHardware: false };
    this.#found.push(this.#findingOf({ seq, op, what: 'end', ...none }, event));
  }

  #findingOf(divergence: Divergence, event: TraceEvent): Finding {
    return { ...divergence, event, rules: [...this.#rules], sbdf: deviceOf(event, this.#line, this.#subject) };
  }

  #settle(event: TraceEvent): readonly TraceEvent[] {
    const line = this.#line;
    const counts = this.compared.get(event.op) ?? nothingCompared();
    const divergences = compareEvent(event, line, counts);
    if (counts.results + counts.values + counts.routes > 0) this.compared.set(event.op, counts);
    let lesson: readonly TraceEvent[] = [];
    for (const divergence of divergences) {
      const finding = this.#findingOf(divergence, event);
      if (divergence.fromHardware && line !== undefined) {
        this.learned.push(finding);
        lesson = lessonOf(event, line, BigInt(divergence.recorded));
      } else this.#found.push(finding);
    }
    if (lesson.length > 0) this.lessons.set(event.seq, lesson);
    return lesson;
  }
}

/**
 * Compares every result, read value, mapped range and write to hardware that a trace recorded with what its replay
 * gives. Where a value came straight from hardware, hardware is set to what was recorded and the replay goes on with
 * that. `devices`: those of the machine. Throws what the replay throws.
 */
export const conform = (
  replay: Replayer,
  events: Iterable<TraceEvent>,
  devices: readonly PlainDevice[],
): Conformance => {
  const comparison = new Comparison(devices);
  for (const line of replay(comparison.feed(events), comparison.trail)) comparison.take(line);
  const { compared, effects, findings, learned, replayed, lessons } = comparison;
  return { compared, effects, findings, learned, replayed, lessons };
};

/** An event's surroundings. */
export interface Context {
  /** The last events before it, as many as asked for. */
  readonly before: readonly TraceEvent[];
  /** The state right after it, with what had been learned by then; undefined: the model's answers end before that. */
  readonly state: StateJson | undefined;
}

/** What is around event `seq`: replays once more up to it. */
export const contextOf = (
  replay: Replayer,
  events: Iterable<TraceEvent>,
  lessons: Lessons,
  seq: number,
  countBefore: number,
): Context => {
  const before: TraceEvent[] = [];
  function* upTo(): Generator<TraceEvent> {
    for (const event of events) {
      if (!isExpectation(event)) yield event;
      if (event.seq === seq) return;
      before.push(event);
      if (before.length > countBefore) before.shift();
      yield* lessons.get(event.seq) ?? [];
    }
  }
  let state: StateJson | undefined;
  for (const line of replay(upTo())) if (line.final) state = line.state;
  return { before, state };
};
