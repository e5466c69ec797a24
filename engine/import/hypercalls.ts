// SPDX-License-Identifier: GPL-2.0-only
import { CAPABILITY } from '../machine/capability-ids.ts';
import { findLegacy, imageOf } from '../machine/config-dump.ts';
import type { PlainDevice } from '../machine/plain.ts';
import { has } from '../num/bits.ts';
import { ERRNO } from '../num/errno.ts';
import type { Sbdf } from '../num/sbdf.ts';
import { lowHalf } from '../num/u64.ts';
import type { ConsoleFact } from './console.ts';
import type { Recorded } from './record.ts';

/** A hypercall about devices of which only the number is known. */
export interface HypercallMark {
  readonly kind: 'mark';
  readonly line: number;
  readonly time: bigint | undefined;
  readonly dom: string;
  readonly vcpu: number;
  /** What Linux's notifier was called for; `other`: it was not called; undefined: nobody watched it. */
  readonly action: 'add' | 'remove' | 'other' | undefined;
  /** The device, if the notifier's probe has its name. */
  readonly name: Sbdf | undefined;
}

/** What the console says came of a hypercall. */
interface Outcome {
  readonly op: 'pci_device_add' | 'pci_device_remove';
  readonly sbdf: Sbdf;
  /** undefined: nothing tells it, or that it was refused but not why. */
  readonly ret: number | undefined;
  /** dom0 says so. */
  readonly refused?: boolean;
  readonly asVf: boolean;
}

/** What is known of devices before the record is read. */
export interface KnownDevices {
  readonly devices: ReadonlyMap<Sbdf, PlainDevice>;
  /** VFs to their PFs. */
  readonly vfs: ReadonlyMap<Sbdf, Sbdf>;
}

/** Adds and removes with their results, in the order of the console. */
const outcomesOf = (facts: readonly ConsoleFact[], { vfs }: KnownDevices): readonly Outcome[] => {
  const outcomes: Outcome[] = [];
  // Xen says that it removes a device whatever comes of it; only dom0 says whether that went well.
  const removed = facts.some(({ kind }) => kind === 'dom0-log') ? 0 : undefined;
  let about: Sbdf | undefined;
  for (const fact of facts) {
    const asVf = 'sbdf' in fact && (vfs.has(fact.sbdf) || (fact.kind === 'add' && fact.as === 'virtual function'));
    if (fact.kind === 'add') outcomes.push({ op: 'pci_device_add', sbdf: fact.sbdf, ret: 0, asVf });
    else if (fact.kind === 'remove') outcomes.push({ op: 'pci_device_remove', sbdf: fact.sbdf, ret: removed, asVf });
    else if (fact.kind === 'pf-with-vfs')
      outcomes.push({ op: 'pci_device_remove', sbdf: fact.sbdf, ret: -ERRNO.EBUSY, asVf });
    else if (fact.kind === 'vpci-failed' && about !== undefined)
      outcomes.push({ op: 'pci_device_add', sbdf: about, ret: fact.result, asVf: vfs.has(about) });
    else if (fact.kind === 'dom0-refused') refuse(outcomes, fact.sbdf, fact.what, asVf);
    if ('sbdf' in fact) about = fact.sbdf;
  }
  return outcomes;
};

/** dom0 was refused what Xen had just said, or what Xen said nothing of. */
const refuse = (outcomes: Outcome[], sbdf: Sbdf, what: 'add' | 'remove', asVf: boolean): void => {
  const op = what === 'add' ? 'pci_device_add' : 'pci_device_remove';
  const last = outcomes.at(-1);
  if (last?.sbdf !== sbdf || last.op !== op) outcomes.push({ op, sbdf, ret: undefined, refused: true, asVf });
  else outcomes[outcomes.length - 1] = { ...last, ret: last.ret || undefined, refused: true };
};

/** Accesses on each side of a hypercall that say what it was about. */
const NEARBY = 12;

type Step = Recorded | HypercallMark;

/** SBDFs of the config accesses before and after each mark, the nearest first. */
const surroundings = (steps: readonly Step[], at: number): readonly Sbdf[] => {
  const found: Sbdf[] = [];
  for (const direction of [-1, 1])
    for (
      let index = at + direction, seen = 0;
      index >= 0 && index < steps.length && seen < NEARBY;
      index += direction
    ) {
      const step = steps[index];
      if (step?.kind !== 'config') continue;
      seen += 1;
      found.push(step.sbdf);
    }
  return found;
};

const CERTAIN = 100;

/** How well an outcome goes with a mark: by what Linux's notifier says, then by the device that was accessed next to it. */
const affinity = (mark: HypercallMark, nearby: readonly Sbdf[], outcome: Outcome): number => {
  if (mark.action !== undefined && `pci_device_${mark.action}` !== outcome.op) return -CERTAIN;
  if (mark.name !== undefined) return mark.name === outcome.sbdf ? CERTAIN : -CERTAIN;
  const near = nearby.indexOf(outcome.sbdf);
  return near < 0 ? 1 : near === 0 ? 12 : 8;
};

/**
 * Which mark each outcome belongs to, both in their order, so that they fit best; undefined: there are too few marks.
 */
const assign = (
  marks: readonly { readonly mark: HypercallMark; readonly nearby: readonly Sbdf[] }[],
  outcomes: readonly Outcome[],
): readonly (number | undefined)[] => {
  const width = outcomes.length + 1;
  /** Best sum for the first marks and outcomes; leaving an outcome out costs more than any affinity gives. */
  const best = new Float64Array((marks.length + 1) * width);
  const took = new Uint8Array((marks.length + 1) * width);
  const LEFT_OUT = -1000;
  for (let o = 1; o < width; o++) best[o] = (best[o - 1] ?? 0) + LEFT_OUT;
  marks.forEach(({ mark, nearby }, index) => {
    const row = (index + 1) * width;
    for (let o = 0; o < width; o++) {
      const outcome = outcomes[o - 1];
      // The first is taken where several are as good: a mark that can be left out is rather an early one.
      const choices = [
        outcome === undefined ? -Infinity : (best[row - width + o - 1] ?? 0) + affinity(mark, nearby, outcome),
        best[row - width + o] ?? 0,
        outcome === undefined ? -Infinity : (best[row + o - 1] ?? 0) + LEFT_OUT,
      ];
      const choice = choices.indexOf(Math.max(...choices));
      best[row + o] = choices[choice] ?? 0;
      took[row + o] = choice;
    }
  });
  const assigned: (number | undefined)[] = new Array(outcomes.length).fill(undefined);
  for (let m = marks.length, o = outcomes.length; m > 0 && o > 0; ) {
    const choice = took[m * width + o];
    if (choice === 0) assigned[--o] = --m;
    else if (choice === 2) o--;
    else m--;
  }
  return assigned;
};

const PM_CONTROL = 4;
const PM_STATE = 0x3;
const DEVICE_CONTROL = 8;
const INITIATE_FLR = 0x8000;
/** PCI_DEVICE_RESET_FLR, which Linux's pciback gives. */
const RESET_FLR = 3;

/** The device that was reset by the accesses right before a mark: through power state D3hot, or a function level reset. */
const resetBefore = (steps: readonly Step[], at: number, { devices }: KnownDevices): Sbdf | undefined => {
  const recent = steps.slice(Math.max(0, at - NEARBY), at).filter((step) => step.kind === 'config');
  const last = recent.at(-1);
  const device = last === undefined ? undefined : devices.get(last.sbdf);
  if (last === undefined || device === undefined) return undefined;
  const image = imageOf(device);
  const [pm, pcie] = [findLegacy(image, CAPABILITY.powerManagement), findLegacy(image, CAPABILITY.pciExpress)];
  const writes = recent.filter(({ sbdf, write }) => sbdf === last.sbdf && write);
  const states = writes.filter(({ reg }) => pm !== undefined && reg === pm + PM_CONTROL);
  const stateOf = (value: bigint): number => lowHalf(value) % (PM_STATE + 1);
  const slept = states.findIndex(({ value }) => stateOf(value) === PM_STATE);
  if (slept >= 0 && states.slice(slept + 1).some(({ value }) => stateOf(value) === 0)) return last.sbdf;
  const flr = writes.some(
    ({ reg, value }) => pcie !== undefined && reg === pcie + DEVICE_CONTROL && has(lowHalf(value), INITIATE_FLR),
  );
  return flr ? last.sbdf : undefined;
};

/** How hypercalls came into a record. */
export interface HypercallCounts {
  /** Adds and removes of the console that found their hypercall. */
  readonly known: number;
  /** Those whose place is unknown: left out. */
  readonly unplaced: number;
  /** Nothing tells their result, or dom0 says that it was refused but not why. */
  readonly withoutResult: number;
  /** Put together from what they left: reserved ECAM windows, resets. */
  readonly inferred: number;
  /** About something else, or nothing says what. */
  readonly unknown: number;
}

const hypercallAt = (
  mark: HypercallMark,
  { op, sbdf, ret, refused, asVf }: Outcome,
  { vfs }: KnownDevices,
): Recorded => {
  const { line, time, dom, vcpu } = mark;
  const add = { sbdf, flags: asVf ? 2 : undefined, physfn: asVf ? vfs.get(sbdf) : undefined, pxm: undefined };
  const unknown = refused ? 'dom0 says that it was refused but not why' : 'nothing tells its result';
  const note = ret === undefined ? unknown : undefined;
  const args = op === 'pci_device_add' ? add : { sbdf };
  return { kind: 'hypercall', line, time, dom, vcpu, op: `physdev.${op}`, args, ret, note };
};

const ecamReservations = (mark: HypercallMark, facts: readonly ConsoleFact[]): readonly Recorded[] =>
  facts.flatMap((fact): Recorded[] => {
    if (fact.kind !== 'ecam') return [];
    const { line, time, dom, vcpu } = mark;
    const { base: address, segment, firstBus: startBus, lastBus: endBus } = fact;
    const args = { address, segment, startBus, endBus, flags: 1 };
    const note = 'put together from the window that Xen names';
    return [{ kind: 'hypercall', line, time, dom, vcpu, op: 'physdev.pci_mmcfg_reserved', args, ret: undefined, note }];
  });

/**
 * Turns hypercalls of which a trace has the number only into what they were: console lines about devices that were
 * added and removed, in their order; ECAM windows that Linux reports before the first device; resets by the register
 * writes right before them.
 */
export const nameHypercalls = (
  steps: readonly Step[],
  facts: readonly ConsoleFact[],
  known: KnownDevices,
): { readonly events: readonly Recorded[]; readonly counts: HypercallCounts } => {
  const marks = steps.flatMap((step, at) =>
    step.kind === 'mark' ? [{ mark: step, at, nearby: surroundings(steps, at) }] : [],
  );
  const outcomes = outcomesOf(facts, known);
  const assigned = assign(marks, outcomes);
  const meaning = new Map<number, readonly Recorded[]>();
  assigned.forEach((index, o) => {
    const [place, outcome] = [index === undefined ? undefined : marks[index], outcomes[o]];
    if (place !== undefined && outcome !== undefined) meaning.set(place.at, [hypercallAt(place.mark, outcome, known)]);
  });
  const placed = meaning.size;
  const firstNamed = Math.min(...meaning.keys());
  const early = marks.find(({ at }) => at < firstNamed && !meaning.has(at));
  if (early !== undefined) meaning.set(early.at, ecamReservations(early.mark, facts));

  for (const { mark, at } of marks) {
    const isNamed = meaning.has(at) || mark.action === 'add' || mark.action === 'remove';
    const sbdf = isNamed ? undefined : resetBefore(steps, at, known);
    if (sbdf === undefined) continue;
    const { line, time, dom, vcpu } = mark;
    const note = 'told by the writes before it';
    meaning.set(at, [
      {
        kind: 'hypercall',
        line,
        time,
        dom,
        vcpu,
        op: 'physdev.pci_device_reset',
        args: { sbdf, flags: RESET_FLR },
        ret: undefined,
        note,
      },
    ]);
  }
  return {
    events: steps.flatMap((step, at) => (step.kind === 'mark' ? (meaning.get(at) ?? []) : [step])),
    counts: {
      ...{ known: placed, unplaced: outcomes.length - placed, inferred: meaning.size - placed },
      withoutResult: outcomes.filter(({ ret }) => ret === undefined).length,
      unknown: marks.length - meaning.size,
    },
  };
};
