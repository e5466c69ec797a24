// SPDX-License-Identifier: GPL-2.0-only
import { makeSbdf, type Sbdf } from '../num/sbdf.ts';
import { frameOf, lowHalf, truncateTo } from '../num/u64.ts';
import { inferSize } from './access-size.ts';
import { align } from './align.ts';
import type { ConsoleFact } from './console.ts';
import type { HypercallMark } from './hypercalls.ts';
import type { KernelConfigAccess, KernelTrace } from './kprobes.ts';
import type { ConfigAccess, MemoryAccess, Recorded } from './record.ts';
import type { CommandAccess } from './steps.ts';
import type { XenRecord, XenTrace } from './xentrace.ts';

/** What helps to understand records of xentrace. */
export interface XentraceContext {
  readonly facts: readonly ConsoleFact[];
  readonly kernel: KernelTrace | undefined;
  readonly commands: readonly CommandAccess[];
  /** Width of a register that is accessed as a whole, where it is known. */
  widthOf(sbdf: Sbdf, reg: number): number | undefined;
}

export interface FromXentrace {
  readonly steps: readonly (Recorded | HypercallMark)[];
  /** Where the sizes of accesses come from. */
  readonly sizes: { readonly probes: number; readonly commands: number; readonly inferred: number };
  /** Accesses of the kernel that xentrace does not have: one of the two is incomplete. */
  readonly missing: number;
  /** Accesses to other ports, and to pages that Xen emulates but that are not about PCI. */
  readonly elsewhere: number;
}

const CONFIG_ADDRESS = 0xcf8n;
const CONFIG_DATA = 0xcfcn;
const CONFIG_ENABLE = 2 ** 31;
const PHYSDEV_OP = 33;
const PAGE_BYTES = 4096;
/** What a time stamp counter counts if nobody says: a number is needed, and its scale does not matter. */
const DEFAULT_MEGAHERTZ = 1000;

/** An access before its size is known. */
interface Bare {
  readonly record: XenRecord & { readonly kind: 'port' | 'memory' };
  /** undefined: memory. */
  readonly config: { readonly path: 'ports' | 'ecam'; readonly sbdf: Sbdf; readonly reg: number } | undefined;
}

/** Registers behind port 0xcf8, with AMD's extension to 12 bits of offset. */
const throughPorts = (address: number, port: bigint): Bare['config'] => {
  const bdf = Math.floor(address / 0x100) % 0x10000;
  const high = Math.floor(address / 0x1000000) % 0x10;
  const reg = high * 0x100 + (address % 0x100) - (address % 4) + Number(port - CONFIG_DATA);
  return { path: 'ports', sbdf: makeSbdf(0, Math.floor(bdf / 0x100), bdf % 0x100), reg };
};

const UNWATCHED = { action: undefined, name: undefined } as const;

/** Finds out what records are about, one after the other. */
class Decoder {
  readonly bare: (Bare | HypercallMark)[] = [];
  elsewhere = 0;
  readonly #addresses = new Map<string, number>();
  readonly #windows: readonly (ConsoleFact & { kind: 'ecam' })[];
  readonly #otherPages: ReadonlySet<number>;
  readonly #time: (tsc: bigint) => bigint;

  constructor(facts: readonly ConsoleFact[]) {
    this.#windows = facts.filter((fact) => fact.kind === 'ecam');
    this.#otherPages = new Set(
      facts.flatMap((fact) =>
        fact.kind === 'local-apic' || fact.kind === 'io-apic' || fact.kind === 'hpet' ? [frameOf(fact.address)] : [],
      ),
    );
    this.#time = timeOf(facts);
  }

  take(record: XenRecord): void {
    if (record.kind === 'hypercall') this.#hypercall(record);
    else if (record.kind === 'port') this.#port(record, record.address);
    else this.#memory(record, record.address);
  }

  #hypercall(record: XenRecord & { kind: 'hypercall' }): void {
    const { number, tsc, dom, vcpu } = record;
    if (number !== PHYSDEV_OP) return;
    this.bare.push({ kind: 'mark', line: 0, time: this.#time(tsc), dom: `d${dom}`, vcpu, ...UNWATCHED });
  }

  #port(record: Bare['record'], port: bigint): void {
    const actor = `${record.dom} ${record.vcpu}`;
    const address = this.#addresses.get(actor) ?? 0;
    if (port === CONFIG_ADDRESS && record.write) this.#addresses.set(actor, lowHalf(record.data));
    else if (port >= CONFIG_DATA && port < CONFIG_DATA + 4n && address >= CONFIG_ENABLE)
      this.bare.push({ record, config: throughPorts(address, port) });
    else this.elsewhere += 1;
  }

  #memory(record: Bare['record'], gpa: bigint): void {
    for (const { base, segment, firstBus, lastBus } of this.#windows) {
      const page = frameOf(gpa) - frameOf(base);
      if (page < 0x100 * firstBus || page >= 0x100 * (lastBus + 1)) continue;
      const sbdf = makeSbdf(segment, Math.floor(page / 0x100), page % 0x100);
      this.bare.push({ record, config: { path: 'ecam', sbdf, reg: Number(gpa % BigInt(PAGE_BYTES)) } });
      return;
    }
    if (this.#otherPages.has(frameOf(gpa))) this.elsewhere += 1;
    else this.bare.push({ record, config: undefined });
  }
}

/** Ns since the counter was 0. */
const timeOf = (facts: readonly ConsoleFact[]): ((tsc: bigint) => bigint) => {
  const fact = facts.find(({ kind }) => kind === 'tsc');
  const kilohertz = BigInt(Math.round(1000 * (fact?.kind === 'tsc' ? fact.megahertz : DEFAULT_MEGAHERTZ)));
  return (tsc) => (tsc * 1_000_000n) / kilohertz;
};

const sayAccess = ({ path, write, sbdf, reg }: Pick<KernelConfigAccess, 'path' | 'write' | 'sbdf' | 'reg'>): string =>
  `${path} ${write} ${sbdf} ${reg}`;

/** A record may have more bytes of a value than the access had: the lowest is in both. */
const sayCommand = (write: boolean, address: bigint, value: bigint): string =>
  `${write} ${address} ${truncateTo(value, 1)}`;

/** Where the kernel's events are among the accesses of xentrace: by number of the event, of an access the very place. */
interface KernelPlaces {
  readonly sizes: Sizes;
  readonly places: ReadonlyMap<number, number>;
}

/** Sizes by number of the access, from a source that knows them. */
type Sizes = ReadonlyMap<number, { readonly size: number; readonly value: bigint | undefined }>;

const placeKernel = (bare: readonly (Bare | HypercallMark)[], kernel: KernelTrace | undefined): KernelPlaces => {
  const accesses = (kernel?.events ?? []).flatMap((event, number) =>
    event.kind === 'access' ? [{ event, number }] : [],
  );
  const candidates = bare.flatMap((one, at) =>
    'record' in one && one.config !== undefined ? [{ at, write: one.record.write, ...one.config }] : [],
  );
  const sizes = new Map<number, { size: number; value: bigint | undefined }>();
  const places = new Map<number, number>();
  for (const pair of align(
    accesses.map(({ event }) => sayAccess(event)),
    candidates.map(sayAccess),
  )) {
    const [access, at] = [accesses[pair.a], candidates[pair.b]?.at];
    if (access === undefined || at === undefined) continue;
    sizes.set(at, { size: access.event.size, value: undefined });
    places.set(access.number, at);
  }
  return { sizes, places };
};

/** Says of each hypercall whether Linux's notifier made it: it lies between the same accesses. */
const watchHypercalls = (
  bare: (Bare | HypercallMark)[],
  kernel: KernelTrace | undefined,
  { places }: KernelPlaces,
): void => {
  const [first, last] = [Math.min(...places.values()), Math.max(...places.values())];
  bare.forEach((one, at) => {
    if (!('record' in one) && at > first && at < last) bare[at] = { ...one, action: 'other' };
  });
  let from = 0;
  (kernel?.events ?? []).forEach((event, number) => {
    from = Math.max(from, places.get(number) ?? 0);
    if (event.kind !== 'notification' || (event.action !== 'add' && event.action !== 'delete')) return;
    const action = event.action === 'add' ? 'add' : 'remove';
    for (let at = from; at < bare.length; at++) {
      const one = bare[at];
      if (one === undefined || 'record' in one) continue;
      bare[at] = { ...one, action, name: event.name };
      from = at + 1;
      return;
    }
  });
};

/** Accesses of commands, among those that the kernel's accessors did not make. */
const sizesOfCommands = (
  bare: readonly (Bare | HypercallMark)[],
  taken: Sizes,
  commands: readonly CommandAccess[],
): Sizes => {
  const places = bare.flatMap((one, at) =>
    'record' in one && one.record.kind === 'memory' && !taken.has(at) ? [at] : [],
  );
  const said = places.map((at) => {
    const one = bare[at];
    if (one === undefined || !('record' in one)) return '';
    const { write, address, data } = one.record;
    return sayCommand(write, address, data);
  });
  // What is not aligned is taken apart before Xen sees it.
  const whole = commands.filter(({ address, size }) => address % BigInt(size) === 0n);
  const wanted = whole.map(({ write, address, value = 0n }) => sayCommand(write, address, value));
  const sizes = new Map<number, { size: number; value: bigint | undefined }>();
  for (const pair of align(wanted, said)) {
    const [command, at] = [whole[pair.a], places[pair.b]];
    if (command !== undefined && at !== undefined) sizes.set(at, { size: command.size, value: command.value });
  }
  return sizes;
};

const DRIVER_ACCESS_BYTES = 4;

const placeOf = ({ sbdf, reg }: { readonly sbdf: Sbdf; readonly reg: number }): number => sbdf * PAGE_BYTES + reg;

/** How widely each register is written at its widest: whoever sizes a BAR writes all its bytes, and back as many. */
const writeWidths = (bare: readonly (Bare | HypercallMark)[], sizes: Sizes): ReadonlyMap<number, number> => {
  const widths = new Map<number, number>();
  bare.forEach((one, at) => {
    if (!('record' in one) || one.config === undefined || !one.record.write) return;
    const { record, config } = one;
    const size = sizes.get(at)?.size ?? inferSize(config.reg, record.data, undefined);
    widths.set(placeOf(config), Math.max(size, widths.get(placeOf(config)) ?? 0));
  });
  return widths;
};

/** Config accesses, accesses to memory and hypercalls of a trace, with sizes from whoever has them. */
export const fromXentrace = (trace: XenTrace, context: XentraceContext): FromXentrace => {
  const decoder = new Decoder(context.facts);
  for (const record of trace.records) decoder.take(record);
  const { bare, elsewhere } = decoder;
  const kernel = placeKernel(bare, context.kernel);
  watchHypercalls(bare, context.kernel, kernel);
  const commands = sizesOfCommands(bare, kernel.sizes, context.commands);
  const time = timeOf(context.facts);
  const widths = writeWidths(bare, kernel.sizes);
  let inferredSizes = 0;
  const steps = bare.map((one, at): Recorded | HypercallMark => {
    if (!('record' in one)) return one;
    const { record, config } = one;
    const known = kernel.sizes.get(at) ?? commands.get(at);
    const width =
      config === undefined
        ? DRIVER_ACCESS_BYTES
        : (context.widthOf(config.sbdf, config.reg) ?? (record.write ? widths.get(placeOf(config)) : undefined));
    const size = known?.size ?? inferSize(Number(record.address % 8n), record.data, width);
    if (known === undefined) inferredSizes += 1;
    const common = {
      ...{ line: 0, time: time(record.tsc), dom: `d${record.dom}`, vcpu: record.vcpu, write: record.write, size },
      inferred: known === undefined,
    };
    const value = truncateTo(known?.value ?? record.data, size);
    if (config !== undefined && config.reg % size === 0)
      return { ...common, ...config, value, kind: 'config' } satisfies ConfigAccess & { line: number; time: bigint };
    return {
      ...{ ...common, kind: 'memory', gpa: record.address, value, via: undefined },
    } satisfies MemoryAccess & { line: number; time: bigint };
  });
  const wanted = (context.kernel?.events ?? []).filter(({ kind }) => kind === 'access').length;
  return {
    ...{ steps, elsewhere, missing: wanted - kernel.sizes.size },
    sizes: { probes: kernel.sizes.size, commands: commands.size, inferred: inferredSizes },
  };
};
