// SPDX-License-Identifier: GPL-2.0-only
import { parseSbdf } from '../num/sbdf.ts';
import type { ModelMachine } from '../state/model-world.ts';
import type { Registry, TraceEvent } from '../trace/operation.ts';
import type { Kept } from './shrink-kept.ts';
import { fewestItems, lowestNumber, smallestTree } from './shrink-reduce.ts';

/** A trace with the description of the machine that it runs on. */
export interface Specimen {
  readonly events: readonly TraceEvent[];
  /** What the machine file says, as plain values. */
  readonly description: unknown;
}

export interface ShrinkSetup {
  readonly registry: Registry;
  /** A machine of a description; undefined: it describes none. */
  readonly compile: (description: unknown) => ModelMachine | undefined;
  /** Ends the search; a trial of a long trace counts once for every 1000 events. */
  readonly maxTrials: number;
  /** Told of every trial. */
  readonly onTrial?: (trials: number, smallest: Specimen) => void;
}

export interface Shrunk extends Specimen {
  /** How often the trace was replayed with something left out or lowered. */
  readonly trials: number;
  /** Nothing more can be left out; false: the search ended at its limit. */
  readonly isSmallest: boolean;
}

const EVENTS_PER_TRIAL = 1000;

const isSetUp = ({ op }: TraceEvent): boolean => op === 'boot.hwdom_setup' || op === 'arm.boot';

/** Arguments that name a device of the machine. */
const PLACES = ['sbdf', 'physfn'];

/** Tries candidates and keeps the smallest one that shows the difference. */
class Search {
  readonly #kept: Kept;
  readonly #setup: ShrinkSetup;
  /** The machine of the smallest description, which most candidates share. */
  readonly #machines = new WeakMap<object, { readonly machine: ModelMachine | undefined }>();
  /** The devices of a description. */
  readonly #devices = new WeakMap<object, ReadonlySet<unknown>>();
  /** Those of the description that was given. */
  readonly #described: ReadonlySet<unknown>;
  readonly #isBooted: boolean;
  smallest: Specimen;
  trials = 0;
  accepted = 0;
  #spent = 0;

  constructor(kept: Kept, smallest: Specimen, setup: ShrinkSetup) {
    this.#kept = kept;
    this.smallest = smallest;
    this.#setup = setup;
    this.#isBooted = smallest.events.some(isSetUp);
    this.#described = this.#devicesOf(smallest.description);
  }

  /**
   * Whether this is the same scene with less in it: dom0 is not there before its set-up, and a device that an event
   * names is not taken out of the machine under it.
   */
  #isSensible({ events, description }: Specimen): boolean {
    if (this.#isBooted && !events.some(isSetUp)) return false;
    const devices = this.#devicesOf(description);
    return events.every(({ args }) =>
      PLACES.every((name) => !this.#described.has(args[name]) || devices.has(args[name])),
    );
  }

  #devicesOf(description: unknown): ReadonlySet<unknown> {
    if (typeof description !== 'object' || description === null) return new Set();
    let known = this.#devices.get(description);
    if (known === undefined) {
      known = new Set('devices' in description ? Object.keys(description.devices ?? {}).map(parseSbdf) : []);
      this.#devices.set(description, known);
    }
    return known;
  }

  get isOver(): boolean {
    return this.#spent >= this.#setup.maxTrials;
  }

  /** Whether the smallest specimen with this in place of its own still shows the difference; if so it is the smallest. */
  tries(change: Partial<Specimen>): boolean {
    if (this.isOver) return false;
    const candidate = { ...this.smallest, ...change };
    if (!this.#isSensible(candidate)) return false;
    this.trials += 1;
    this.#spent += Math.max(1, Math.ceil(candidate.events.length / EVENTS_PER_TRIAL));
    const machine = this.#machineOf(candidate.description);
    const holds = machine !== undefined && this.#kept.shownBy(machine, candidate.events);
    if (holds) {
      this.smallest = candidate;
      this.accepted += 1;
    }
    this.#setup.onTrial?.(this.trials, this.smallest);
    return holds;
  }

  #machineOf(description: unknown): ModelMachine | undefined {
    if (typeof description !== 'object' || description === null) return undefined;
    let known = this.#machines.get(description);
    if (known === undefined) {
      known = { machine: this.#setup.compile(description) };
      this.#machines.set(description, known);
    }
    return known.machine;
  }
}

/** Numbers that name something, or are its width: other events and the machine speak of the same. */
const NAMES = new Set(['sbdf', 'physfn', 'reg', 'port', 'gpa', 'size']);

const isMeasure = (name: string, value: unknown): value is number | bigint =>
  (typeof value === 'number' || typeof value === 'bigint') && value > 0 && !NAMES.has(name);

/** Drops arguments that may be left out and lowers numbers, one after the other. */
const shrinkArguments = (search: Search, registry: Registry): void => {
  search.smallest.events.forEach(({ op }, index) => {
    for (const [name, field] of Object.entries(registry.get(op)?.fields ?? {})) {
      const event = (): TraceEvent | undefined => search.smallest.events[index];
      const value = event()?.args[name];
      const triesValue = (other: unknown): boolean => {
        const now = event();
        if (now === undefined) return false;
        const args = { ...now.args, [name]: other };
        return search.tries({ events: search.smallest.events.with(index, { ...now, args }) });
      };
      if (value === undefined || (field.optional && triesValue(undefined))) continue;
      if (!isMeasure(name, value)) continue;
      lowestNumber(BigInt(value), (lower) => {
        const other = typeof value === 'bigint' ? lower : Number(lower);
        return field.parse(field.format(other)) !== undefined && triesValue(other);
      });
    }
  });
};

/** Gives guests the lowest numbers. */
const renameDomains = (search: Search, registry: Registry): void => {
  const names = new Map<string, string>([
    ['d0', 'd0'],
    ['xen', 'xen'],
    ['io', 'io'],
  ]);
  const guests = (): number => names.size - 3;
  const renamed = search.smallest.events.map((event) => {
    const args = { ...event.args };
    for (const [name, field] of Object.entries(registry.get(event.op)?.fields ?? {})) {
      const domain = args[name];
      if (field.kind !== 'domain' || typeof domain !== 'string') continue;
      const short = names.get(domain) ?? `d${guests() + 1}`;
      names.set(domain, short);
      args[name] = short;
    }
    return { ...event, args };
  });
  if ([...names].some(([long, short]) => long !== short)) search.tries({ events: renamed });
};

/** Events without what does not influence the model; the last one's record may be what is kept. */
const bare = (events: readonly TraceEvent[]): readonly TraceEvent[] =>
  events.map((event, index) => ({
    ...{ ...event, time: undefined, note: undefined },
    ret: index === events.length - 1 ? event.ret : undefined,
  }));

/**
 * The smallest trace and machine that show what is to be kept: events, devices, capabilities and all other parts of
 * the description that are not needed are left out, numbers lowered, until nothing more can be. The same trace gives the
 * same result; `kept` has to be of this trace on the machine of this description.
 */
export const shrink = (kept: Kept, description: unknown, setup: ShrinkSetup): Shrunk => {
  const search = new Search(kept, { events: bare(kept.events), description }, setup);
  const { registry } = setup;
  let before = -1;
  while (search.accepted > before && !search.isOver) {
    before = search.accepted;
    fewestItems(search.smallest.events, (events) => search.tries({ events }));
    smallestTree(search.smallest.description, (smaller) => search.tries({ description: smaller }));
    shrinkArguments(search, registry);
    renameDomains(search, registry);
  }
  const last = search.smallest.events.at(-1);
  // A recorded result that is not what is kept says nothing.
  if (last?.ret !== undefined) search.tries({ events: search.smallest.events.with(-1, { ...last, ret: undefined }) });
  const events = search.smallest.events.map((event, index) => ({ ...event, seq: index + 1 }));
  return { ...search.smallest, events, trials: search.trials, isSmallest: !search.isOver };
};
