// SPDX-License-Identifier: GPL-2.0-only
import { COMMAND } from '../machine/header-registers.ts';
import type { PlainDevice } from '../machine/plain.ts';
import { without } from '../num/bits.ts';
import { formatErrno } from '../num/errno.ts';
import { formatSbdf, type Sbdf } from '../num/sbdf.ts';
import { hex } from '../num/u64.ts';
import type { ResultLine } from '../state/result.ts';
import type { TraceEvent } from '../trace/operation.ts';
import type { MapChange } from '../xen/map-change.ts';
import { type Effect, EffectMatcher, type LoneEffect } from './effects.ts';
import { interruptRegisters } from './interrupt-registers.ts';
import type { Divergence } from './recorded.ts';

/** How much of what a record has beside answers was compared. */
export interface ComparedEffects {
  /** Ranges mapped and unmapped. */
  readonly maps: number;
  /** Writes to hardware. */
  readonly writes: number;
  /** Recorded writes that are not the model's to make: of firmware and of Xen's start, before any domain ran, … */
  readonly writesBefore: number;
  /** … and of Xen's interrupt code, which is not modelled: MSI and MSI-X control, INTx disable. */
  readonly interruptWrites: number;
  /** Writes of the model to VFs: of a VF that is off hardware sees nothing. */
  readonly writesToVfs: number;
}

/** A divergence of an effect, with the event it belongs to. */
export interface EffectDivergence extends Divergence {
  readonly event: TraceEvent;
  readonly sbdf: string | undefined;
}

const HARDWARE_WRITE = /^w (\S+) (0x[0-9a-f]+) (\d) (0x[0-9a-f]+)$/;
const INTX_DISABLE = 0x400;

/** Operations that no domain carries out. */
const OUTSIDE_DOMAINS = /^(?:boot|iomem|p2m|hw|model)\.|^(?:note|checkpoint)$/;

const rangeText = (isMap: boolean, gfn: number, count: number, mfn: number, ret: number): string =>
  `${isMap ? 'map' : 'unmap'} ${hex(gfn)}-${hex(gfn + count - 1)} to ${hex(mfn)}: ${formatErrno(ret)}`;

const writeText = (reg: number, value: bigint | number): string => `${hex(reg)} = ${hex(value)}`;

/** Follows one replay and its record, and compares their effects. */
export class EffectComparison {
  readonly #matcher = new EffectMatcher();
  readonly #devices: ReadonlyMap<string, PlainDevice>;
  readonly #interrupts = new Map<string, ReadonlySet<number>>();
  /** Value of the command register that was written last, by device. */
  readonly #command = new Map<string, number>();
  /** Recorded writes of the command register that change nothing but INTx disable, if anything. */
  readonly #intx = new Set<Effect>();
  readonly #recordedKinds = new Set<Effect['kind']>();
  readonly #divergences: (LoneEffect & { readonly sbdf: string | undefined })[] = [];
  readonly #counts = { writesBefore: 0, interruptWrites: 0, writesToVfs: 0 };
  #event: TraceEvent | undefined;
  #at = 0;
  /** How many events there were when the first domain did something; undefined: none did. */
  #begun: number | undefined;
  /** The record has writes to hardware of the time before domains: else it may begin with them. */
  #recordedBefore = false;

  constructor(devices: readonly PlainDevice[]) {
    this.#devices = new Map(devices.map((device) => [formatSbdf(device.sbdf), device]));
  }

  begin(event: TraceEvent): void {
    if (!OUTSIDE_DOMAINS.test(event.op)) this.#begun ??= this.#at;
    this.#event = event;
    this.#at += 1;
    if (this.#at % 16 === 0) this.#sort(this.#matcher.takeLone(this.#at));
  }

  /** A range that the model mapped or unmapped. */
  takeMap({ domain, isMap, firstGfn, lastGfn, firstMfn, ret }: MapChange): void {
    const text = rangeText(isMap, firstGfn, lastGfn - firstGfn + 1, firstMfn, ret);
    this.#add('model', { kind: 'map', lane: domain, text, size: undefined });
  }

  /** What the model's accesses to hardware wrote. */
  takeLine(line: ResultLine): void {
    for (const access of line.hw ?? []) {
      const [, lane, reg, size, value] = HARDWARE_WRITE.exec(access) ?? [];
      if (lane !== undefined)
        this.#add('model', { kind: 'hw', lane, text: writeText(Number(reg), Number(value)), size: Number(size) });
    }
  }

  /** A row `expect.…`; the decoder has checked its fields. */
  takeRecorded({ op, args, ret }: TraceEvent): void {
    if (op !== 'expect.hw_write') {
      const { dom, gfn, nr, mfn } = args;
      const text = rangeText(op === 'expect.map', Number(gfn), Number(nr), Number(mfn), ret ?? 0);
      this.#add('record', { kind: 'map', lane: String(dom), text, size: undefined });
      return;
    }
    const { sbdf, reg, size, value } = args;
    const lane = formatSbdf(sbdf as Sbdf);
    this.#recordedBefore ||= this.#begun === undefined;
    const sizeBytes = size === undefined ? undefined : Number(size);
    const effect = this.#add('record', {
      ...{ kind: 'hw', lane, text: writeText(Number(reg), value as bigint), size: sizeBytes },
    });
    if (reg === COMMAND && effect !== undefined) this.#followCommand(effect, lane, Number(value));
  }

  compared(): ComparedEffects {
    this.#sort(this.#matcher.takeLone(undefined));
    const { map, hw } = this.#matcher.compared;
    // Without a log of hardware there is nothing that it could have been silent about.
    const { writesToVfs } = this.#counts;
    return { maps: map, writes: hw, ...this.#counts, writesToVfs: this.#recordedKinds.has('hw') ? writesToVfs : 0 };
  }

  divergences(): readonly EffectDivergence[] {
    this.#sort(this.#matcher.takeLone(undefined));
    return this.#divergences
      .filter(({ effect }) => this.#recordedKinds.has(effect.kind))
      .map(({ effect, side, sbdf }) => {
        const { event, kind, lane, text } = effect;
        const said = `${lane} ${text}`;
        return {
          ...{ seq: event.seq, op: event.op, what: kind, event, sbdf, fromHardware: false },
          recorded: side === 'record' ? said : '',
          modelled: side === 'model' ? said : undefined,
        };
      });
  }

  #add(side: LoneEffect['side'], effect: Omit<Effect, 'event' | 'at'>): Effect | undefined {
    if (side === 'record') this.#recordedKinds.add(effect.kind);
    if (this.#event === undefined) return undefined;
    const placed = { ...effect, event: this.#event, at: this.#at };
    if (side === 'record') this.#matcher.recorded(placed);
    else this.#matcher.modelled(placed);
    return placed;
  }

  #followCommand(effect: Effect, lane: string, value: number): void {
    const before = this.#command.get(lane) ?? (this.#devices.get(lane)?.registers.get(COMMAND) ?? 0) % 0x10000;
    if (without(value, INTX_DISABLE) === without(before, INTX_DISABLE)) this.#intx.add(effect);
    this.#command.set(lane, value);
  }

  #sort(lone: readonly LoneEffect[]): void {
    for (const { effect, side } of lone) {
      const { kind, lane, at } = effect;
      const device = kind === 'hw' ? this.#devices.get(lane) : undefined;
      if (kind === 'hw' && side === 'model' && device?.presentWith !== undefined) this.#counts.writesToVfs++;
      else if (kind === 'hw' && at <= (this.#begun ?? at) && (side === 'record' || !this.#recordedBefore))
        this.#counts.writesBefore += side === 'record' ? 1 : 0;
      else if (side === 'record' && device !== undefined && this.#isInterruptCode(effect, device))
        this.#counts.interruptWrites++;
      else this.#divergences.push({ effect, side, sbdf: kind === 'hw' ? lane : undefined });
    }
  }

  #isInterruptCode(effect: Effect, device: PlainDevice): boolean {
    if (this.#intx.has(effect)) return true;
    const known = this.#interrupts.get(effect.lane) ?? interruptRegisters(device);
    this.#interrupts.set(effect.lane, known);
    return known.has(Number(effect.text.split(' ')[0]));
  }
}
